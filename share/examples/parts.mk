# A median of one volume in PARTS parts, four at a time: make -f parts.mk -j4 IN=scan.raw OUT=median.raw
# What is done stays when it is stopped; make goes on from there.
PARTS := 8
IN := scan.raw
OUT := median.raw
STEPS := $(shell seq $(PARTS))

$(OUT): $(STEPS:%=part-%)
	vpart finish $@

$(STEPS:%=part-%): part-%:
	vfilter median -r 2 -j 1 --part $*/$(PARTS) $(IN) $(OUT)

.PHONY: $(STEPS:%=part-%)
