# Every scan in scans/ evened out, its objects found, both as pyramids for a viewer: make -f pipeline.mk -j4
# clip, normalise, median -> even; threshold, label -> labels; pyramids of both -> results/NAME.ome.zarr
# A file appears only when it is complete, and of a store zarr.json stands for all: what is there needs no second look.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
export VOXPIPE_THREADS := 1
NAMES := $(patsubst scans/%.tif,%,$(wildcard scans/*.tif))

all: $(NAMES:%=results/%.ome.zarr/labels/objects/zarr.json) $(NAMES:%=results/%.csv)

work/%_clipped.raw: scans/%.tif | work
	vclip -p 1,99 $< - | vnormalize minmax -t uint8 | vconvert -f - $@

# The slow step in parts, which -j runs side by side. Stopped, it goes on from the parts whose records are there.
STEPS := 1 2 3 4
record = work/%_even.raw.parts/part-000$(1)-of-0004.json
define make_part
$(call record,$(1)): work/%_clipped.raw
	vfilter median -r 2 --redo --force --part $(1)/4 $$< work/$$*_even.raw
endef
$(foreach step,$(STEPS),$(eval $(call make_part,$(step))))

work/%_even.raw: $(foreach step,$(STEPS),$(call record,$(step)))
	vpart finish $@

work/%_labels.raw results/%.csv: work/%_even.raw | work results
	vfilter threshold --otsu $< | vlabel components -f --min-size 10 --table results/$*.csv - work/$*_labels.raw

results/%.ome.zarr/zarr.json: work/%_even.raw | results
	vpyramid -f $< results/$*.ome.zarr

results/%.ome.zarr/labels/objects/zarr.json: work/%_labels.raw results/%.ome.zarr/zarr.json
	vpyramid -f --label-of results/$*.ome.zarr --name objects $<

work results:
	mkdir -p $@

.PHONY: all
.DELETE_ON_ERROR:
.SECONDARY:
