"""What `scripts/bench` times: for each piece of work our command and those of the peers."""
from bench_row import gmic_row, itk_row, NUMPY_TYPES, ours, part_of, peer, python, Row, scipy_row, skimage_row
from bench_rows_files import project_rows, resample_rows, tiff_rows, zarr_rows


def point_rows(n):
    count = n**3
    for data in ("u8", "u16", "f32"):
        yield Row(f"copy {data}", "cp", [["cp", f"{data}.raw", "out.raw"]], data=data, output="out.raw")
    work = "convert u16 raw to raw"
    yield ours(work, "vconvert u16.raw out.raw", at_most=0.95, output="out.raw")
    yield python(work, "numpy", "load('u16.raw', 'u2').tofile('out.raw')", output="out.raw")
    yield peer(work, "unu", "teem-unu save -f nrrd -i u16.nhdr -o out.nrrd", output="out.nrrd")
    yield peer(work, "mrconvert", "mrconvert -quiet u16.mih out.mif", output="out.mif")
    yield peer(work, "vips", f"vips rawload u16.raw out.v {n} {n * n} 1 --format ushort", output="out.v")
    work = "clip to a range, u16"
    yield ours(work, "vclip -r 12000,40000 u16.raw out.raw", at_most=0.95, output="out.raw")
    yield python(work, "numpy", "v=load('u16.raw','u2'); np.clip(v,12000,40000,out=v).tofile('out.raw')", output="out.raw")
    yield peer(work, "unu", "teem-unu 3op clamp 12000 u16.nhdr 40000 -o out.nrrd", output="out.nrrd")
    work = "stretch a given range, u16"
    yield ours(work, "vnormalize minmax --from 12000,40000 --to 0,65535 u16.raw out.raw", at_most=0.95, output="out.raw")
    yield python(work, "numpy", "v=load('u16.raw','u2').astype('f4'); v-=12000; v*=65535/28000\n"
                 "np.rint(v,out=v).clip(0,65535,out=v).astype('u2').tofile('out.raw')", output="out.raw")
    yield python(work, "scikit-image", "from skimage.exposure import rescale_intensity as r\n"
                 "r(load('u16.raw','u2'),(12000,40000),(0,65535)).astype('u2').tofile('out.raw')", "skimage", output="out.raw")
    work = "convert u16 to u8"
    yield ours(work, "vconvert -t uint8 u16.raw out.raw", at_most=0.6, output="out.raw")
    yield python(work, "numpy", "np.minimum(load('u16.raw','u2'),255).astype('u1').tofile('out.raw')", output="out.raw")
    yield peer(work, "vips", f"vips cast u16.v out.v uchar", output="out.v")
    work = "clip -p 1,99, u16"
    yield ours(work, "vclip -p 1,99 u16.raw out.raw", at_most=1.8, output="out.raw")
    yield python(work, "numpy", "v=load('u16.raw','u2'); a,b=np.percentile(v,(1,99))\nnp.clip(v,a,b).astype('u2').tofile('out.raw')",
                 output="out.raw")
    yield python(work, "numpy bincount", f"v=load('u16.raw','u2'); c=np.bincount(v,minlength=65536).cumsum()\n"
                 f"a,b=np.searchsorted(c,[{count}*.01,{count}*.99]); np.clip(v,a,b,out=v).tofile('out.raw')", output="out.raw")
    work = "clip -p 1,99, stretch to u8"
    yield ours(work, "vclip -p 1,99 u16.raw | vnormalize minmax -t uint8 - out.raw", at_most=2.5, output="out.raw")
    yield python(work, "numpy notebook", "v=load('u16.raw','u2'); a,b=np.percentile(v,(1,99)); v=np.clip(v,a,b)\n"
                 "((v-v.min())/(v.max()-v.min())*255).astype('u1').tofile('out.raw')", output="out.raw")
    yield python(work, "scikit-image", "from skimage.exposure import rescale_intensity as r\n"
                 "v=load('u16.raw','u2'); r(v,tuple(np.percentile(v,(1,99))),(0,255)).astype('u1').tofile('out.raw')",
                 "skimage", output="out.raw")
    yield peer(work, "unu", "teem-unu quantize -i u16.nhdr -b 8 -min 1% -max 1% -o out.nrrd", output="out.nrrd")


def statistics_rows(_):
    for data, at_most in (("u8", 1.0), ("u16", 1.0), ("f32", 1.3)):
        work = f"statistics, {data}"
        dtype = {"u8": "u1", "u16": "u2", "f32": "f4"}[data]
        yield ours(work, f"vstats {data}.raw", data=data, at_most=at_most)
        yield python(work, "numpy", f"v=load('{data}.raw','{dtype}'); v.min(),v.max(),v.mean(),v.std(),np.percentile(v,(1,50,99)),"
                     "np.histogram(v,256)", data=data)
        yield peer(work, "unu", f"teem-unu minmax {data}.nhdr", data=data)
        yield peer(work, "mrstats", f"mrstats -quiet {data}.mih", data=data)
        yield peer(work, "vips", f"vips stats {data}.v out.v", data=data, output="out.v")
        yield python(work, "ITK", f"import itk; f=itk.StatisticsImageFilter.New(itk.imread('{data}.nhdr')); f.Update()",
                     "itk", data=data)
    yield ours("four tools in a pipe, u16", "vconvert u16.raw - | vclip -r 12000,40000 | vnormalize minmax --from 12000,40000"
               " --to 0,65535 | vconvert - out.raw", at_most=2.5, output="out.raw")


def rank_rows(n):
    """Medians beside scikit-image's sliding histograms, ITK and scipy, which get a part that takes them seconds."""
    rank = "__import__('skimage.filters.rank').filters.rank.median(v,np.ones(({0},{0},{0}),'u1'))"
    for radius, size, bounds in ((1, 3, {"u8": 180, "u16": 110}), (2, 5, {"u8": 85, "u16": 110}), (5, 11, {"u8": 40, "u16": 40})):
        for data, bound in bounds.items():
            work, part = f"median {size}x{size}x{size}, {data}", n // 2 if radius == 1 else n // 4
            yield ours(work, f"vfilter median -r {radius} {data}.raw out.raw", data=data, at_least=bound, output="out.raw")
            if data == "u8":
                yield skimage_row(work, rank.format(size), data, part)
            if radius < 5:
                yield itk_row(work, f"median {radius}", data, part)
                yield scipy_row(work, f"f.median_filter(v,{size})", data, part)
    yield ours("median 5x5x5, f32", "vfilter median -r 2 f32.raw out.raw", data="f32", output="out.raw")
    yield scipy_row("median 5x5x5, f32", "f.median_filter(v,5)", "f32", n // 4)


def linear_rows(n):
    for data, bound in (("u16", 15), ("f32", 16)):
        work = f"gaussian sigma 2, {data}"
        yield ours(work, f"vfilter gaussian -s 2 {data}.raw out.raw", data=data, at_least=bound, output="out.raw")
        yield scipy_row(work, "f.gaussian_filter(v,2)", data, n)  # of integers it cuts off after every axis
        work += ", inaccurate peers"
        yield ours(work, f"vfilter gaussian -s 2 {data}.raw out.raw", data=data, at_least=7, output="out.raw")
        yield itk_row(work, "gaussian 2", data, n)
        yield gmic_row(work, "-b 2,1,1", data, n)
    yield ours("gradient, u16", "vfilter gradient u16.raw out.raw", at_least=9, output="out.raw")
    yield scipy_row("gradient, u16", "(lambda w:__import__('numpy').sqrt(w[0]**2+w[1]**2+w[2]**2))"
                    "(__import__('numpy').gradient(v.astype('f4')))", "u16", n)
    yield ours("gradient, u16, ITK", "vfilter gradient u16.raw out.raw", output="out.raw")
    yield itk_row("gradient, u16, ITK", "gradient 0", "u16", n)
    yield ours("gradient sigma 1, u16", "vfilter gradient -s 1 u16.raw out.raw", at_least=18, output="out.raw")
    yield scipy_row("gradient sigma 1, u16", "f.gaussian_gradient_magnitude(v.astype('f4'),1)", "u16", n)
    for data in ("u16", "f32"):
        for radius in (1, 4, 16):
            work = f"mean box r {radius}, {data}"
            yield ours(work, f"vfilter mean -r {radius} {data}.raw out.raw", data=data, at_most=1.2, output="out.raw")
            yield scipy_row(work, f"f.uniform_filter(v,{2 * radius + 1})", data, n)
    for radius in (1, 4, 16):
        yield ours(f"variance box r {radius}, u16", f"vfilter variance -r {radius} u16.raw out.raw", data="f32", at_most=1.2,
                   output="out.raw")  # beside a copy of as many bytes as it writes
    yield scipy_row("variance box r 1, u16", "(lambda w: f.uniform_filter(w*w,3)-f.uniform_filter(w,3)**2)(v.astype('f4'))", "u16", n)
    yield ours("threshold, u16", "vfilter threshold --above 30000 u16.raw out.raw", at_most=1.2, output="out.raw")
    yield scipy_row("threshold, u16", "(v>30000).view('u1')", "u16", n)


def edge_rows(n):
    for data in ("u8", "u16", "f32"):
        work = f"bilateral r 3, {data}"
        yield ours(work, f"vfilter bilateral -r 3 {data}.raw out.raw", data=data, at_least=42, output="out.raw")
        yield itk_row(work, "bilateral 3", data, n // 4)
    yield ours("nlm patch 1 search 3, u16", "vfilter nlm -r 1 --search 3 --strength 2000 u16.raw out.raw", at_least=8, output="out.raw")
    yield skimage_row("nlm patch 1 search 3, u16", "__import__('skimage.restoration').restoration.denoise_nl_means("
                      "v.astype('f8'),3,3,2000.,fast_mode=True,preserve_range=True).round().astype('u2')", "u16", n // 4)


def part_rows(_):
    """A command in parts, one after the other, beside the same in one process: what the parts cost."""
    work = "median r 2 in 8 parts, u16"
    parts = "for k in 1 2 3 4 5 6 7 8; do vfilter median -q -r 2 --part $k/8 u16.raw out.raw; done; vpart finish -q out.raw"
    yield Row(work, "8 parts, joined", [["bash", "-c", parts]], at_least=1 / 1.15, output="out.raw", mine=True)
    yield Row(work, "one process", [["vfilter", "median", "-q", "-r", "2", "u16.raw", "out.raw"]], output="out.raw")


def morphology_rows(n):
    half = n // 2
    ball = "__import__('skimage.morphology').morphology.ball({})"
    for radius, bound in ((1, 35), (3, 40), (4, None), (16, None)):
        work = f"erode box r {radius}, u16"
        yield ours(work, f"vfilter erode -r {radius} u16.raw out.raw", at_least=bound, output="out.raw")
        yield scipy_row(work, f"f.grey_erosion(v,{2 * radius + 1})", "u16", n)
    yield itk_row("erode box r 1, u16", "erode 1", "u16", half)
    yield ours("erode box r 2, u16", "vfilter erode -r 2 u16.raw out.raw", output="out.raw")
    yield gmic_row("erode box r 2, u16", "-erode 5,5,5", "u16", n)
    for radius, bound in ((1, 15), (3, 110)):
        work = f"erode ball r {radius}, u16"
        yield ours(work, f"vfilter erode -r {radius} --footprint ball u16.raw out.raw", at_least=bound, output="out.raw")
        yield scipy_row(work, f"f.grey_erosion(v,footprint={ball.format(radius)})", "u16", n if radius == 1 else half)
    for radius, bound in ((1, 12), (3, 50)):
        work = f"erode mask, ball r {radius}"
        yield ours(work, f"vfilter erode -r {radius} --footprint ball mask.raw out.raw", data="u8", at_least=bound, output="out.raw")
        yield python(work, "scipy", f"from scipy import ndimage as f\nv=load('mask_{n}.raw','u1').reshape({n},{n},{n})\n"
                     f"f.binary_erosion(v,{ball.format(radius)}).tofile('out.raw')", "scipy", "skimage", data="u8",
                     output="out.raw")
    yield ours("open box r 2, u16", "vfilter open -r 2 u16.raw out.raw", at_least=50, output="out.raw")
    yield scipy_row("open box r 2, u16", "f.grey_opening(v,5)", "u16", n)


# Evaluations of vnormalize's definitions; `v` is the volume, what they leave in `o` is the result.
DRIFT = """r=np.array([np.percentile(p[p>0],80) for p in v])
s=f.gaussian_filter1d(r,2.); g=np.clip(np.median(s)/s,.5,2)
o=v*g[:,None,None].astype('f4')"""
ZPROFILE = """m=load('mask.raw','u1').reshape(v.shape)!=0; t=np.array([p[q].mean() for p,q in zip(v,m)])
g=f.gaussian_filter1d(t,2.)/t; o=v.astype('f4')
for z in range(len(o)): o[z][m[z]]*=g[z]"""
BACKGROUND = """from skimage.filters import threshold_otsu
a=v.mean(0); s=f.gaussian_filter(a,1.); m=(s<threshold_otsu(s[a>0]))&(a>0)
c=np.array([np.percentile(p,99.9) for p in v]); b=np.array([np.median(p[m]) for p in v])
o=np.empty(v.shape,'f4')
for z in range(len(o)): o[z]=np.clip(v[z],b[z],c[z])-b[z]
o/=(c-b).max()"""
MATCH = """r=(v[v>0].min(),v.max()); e=np.histogram_bin_edges([],512,r); x=(e[1:]+e[:-1])/2
h=np.array([np.histogram(p[p>0],512,r)[0].cumsum() for p in v]); w=h.sum(0)/h[:,-1].sum()
o=np.empty_like(v)
for z in range(len(o)): o[z]=np.where(v[z]>0,np.interp(v[z],x,np.interp(h[z]/h[z,-1],w,x)),v[z])"""


def normalize_rows(n):
    table = "c=np.bincount(v.ravel(),minlength={0}+1).cumsum()\no=(c/c[-1]*{0}).round().astype(v.dtype)[v]"
    exposure = "__import__('skimage.exposure').exposure"

    def evaluated(work, name, code, data, edge):
        return python(work, name, f"from scipy import ndimage as f\nv=load('{part_of(data, edge)}','{NUMPY_TYPES[data]}')"
                      f".reshape({edge},{edge},{edge})\n{code}\no.tofile('out.raw')", "scipy", "skimage", data=data, edge=edge,
                      output="out.raw")

    for data, dtype, bound, largest in (("u8", "uint8", 5.5, 255), ("u16", "uint16", 4.5, 65535)):
        work = f"equalize, {data}"
        yield ours(work, f"vnormalize equalize -t {dtype} {data}.raw out.raw", data=data, at_least=bound, output="out.raw")
        yield evaluated(work, "numpy table", table.format(largest), data, n)
        yield evaluated(work, "scikit-image", f"o=({exposure}.equalize_hist(v)*{largest}).round().astype(v.dtype)", data, n // 2)
    for data in ("u16", "f32"):
        yield ours(f"clahe, kernel 64, {data}", f"vnormalize clahe --kernel 64 {data}.raw out.raw", data=data, at_least=15,
                   output="out.raw")
        yield evaluated(f"clahe, kernel 64, {data}", "scikit-image", f"o={exposure}.equalize_adapthist(v,64)", data, n // 4)
        for name, options, code in (("drift", "", DRIFT), ("zprofile", "--mask mask.raw", ZPROFILE),
                                    ("background", "", BACKGROUND), ("match", "", MATCH)):
            work = f"{name}, {data}"
            yield ours(work, f"vnormalize {name} {options} {data}.raw out.raw", data=data, at_least=8, output="out.raw")
            yield evaluated(work, "numpy", code, data, n)


def view_rows(n):
    """Pictures of 8 bits between exact percentiles, as notebooks make them."""
    tiles = f"np.concatenate([v[int((k+.5)*{n}/16)] for k in range(16)]).reshape(4,4,{n},{n}).swapaxes(1,2).reshape({4 * n},{4 * n})"
    for work, command, code in (("slice z", "slice", f"v[{n // 2}]"), ("slice x", "slice -a x", f"v[:,:,{n // 2}]"),
                                ("montage", "montage --gap 0", tiles), ("mip z", "mip", "v.max(0)"), ("mip x", "mip -a x", "v.max(2)")):
        yield ours(f"picture of {work}, u16", f"vview {command} u16.raw out.png", at_least=1.5, output="out.png")
        yield python(f"picture of {work}, u16", "numpy, Pillow", f"v=np.memmap('u16.raw','u2','r').reshape({n},{n},{n}); p={code}\n"
                     "a,b=np.percentile(p,(0.5,99.5)); p=(np.clip((p.astype('f8')-a)/(b-a),0,1)*255).round().astype('u1')\n"
                     "from PIL import Image; Image.fromarray(p).convert('RGB').save('out.png')", "PIL", output="out.png")


def command_rows(_):
    """What it costs to send every voxel through another program and back."""
    yield ours("cat per block, u16", "vmap --format raw u16.raw out.raw -- cat", output="out.raw")
    yield ours("cat per block, halo 8, u16", "vmap --format raw --halo 8 u16.raw out.raw -- cat", output="out.raw")


def label_rows(n):
    """Labelling beside scipy, scikit-image and cc3d; masks of `mask` are thresholded foam, `spots` and `half` noise."""
    load = f"v=load('DATA.raw','u1').reshape({n},{n},{n})"
    peers = (("scipy", "from scipy import ndimage as f", "f.label(v,np.ones((3,3,3)))[0]", "f.label(v)[0]"),
             ("scikit-image", "from skimage.measure import label as f", "f(v,connectivity=3)", "f(v,connectivity=1)"),
             ("cc3d", "import cc3d", "cc3d.connected_components(v,connectivity=26)", "cc3d.connected_components(v,connectivity=6)"))
    modules = {"scipy": "scipy", "scikit-image": "skimage", "cc3d": "cc3d"}
    for data, connectivity in (("mask", 26), ("mask", 6), ("beads", 26), ("spots", 26), ("half", 26)):
        work = f"components {connectivity}, {data}"
        yield ours(work, f"vlabel components -n {connectivity} {data}.raw out.raw", data="u8", output="out.raw")
        for name, header, corners, faces in peers:
            code = f"{header}\n{load.replace('DATA', data)}\n({corners if connectivity == 26 else faces}).tofile('out.raw')"
            yield python(work, name, code, modules[name], data="u8", output="out.raw")
        yield peer(work, "ITK", f"itk_label components {connectivity} {n} {data}.raw out.raw", data="u8", output="out.raw")
    yield ours("components 26, table", "vlabel components -n 26 --table out.csv mask.raw /dev/null", data="u8", at_most=1.6)
    work = "components 26, equal labels"
    yield ours(work, "vlabel components --multi -n 26 labels.raw out.raw", data="u8", output="out.raw")
    labels = f"v=load('labels.raw','u4').reshape({n},{n},{n})\n"
    yield python(work, "cc3d", f"import cc3d\n{labels}cc3d.connected_components(v).tofile('out.raw')", "cc3d", data="u8",
                 output="out.raw")
    work = "measure labels"
    yield ours(work, "vlabel measure labels.raw", data="u8")
    yield python(work, "scipy", f"from scipy import ndimage as f\n{labels}i=range(1,v.max()+1)\n"
                 "np.bincount(v.ravel()),f.find_objects(v),f.center_of_mass(v>0,v,i)", "scipy", data="u8")
    yield peer(work, "ITK", f"itk_label measure 0 {n} labels.raw out.txt", data="u8", output="out.txt")
    yield ours("select labels", "vlabel select --min-size 2000 labels.raw out.raw", data="u8", output="out.raw")
    work = "fill holes"
    yield ours(work, "vlabel fill-holes mask.raw out.raw", data="u8", output="out.raw")
    yield python(work, "scipy", f"from scipy import ndimage as f\n{load.replace('DATA', 'mask')}\n"
                 "f.binary_fill_holes(v).tofile('out.raw')", "scipy", data="u8", output="out.raw")


def flood_rows(n):
    """Distances and watersheds beside scipy and scikit-image, which run on one thread."""
    def load(name, dtype):
        return f"load('{name}.raw','{dtype}').reshape({n},{n},{n})"

    distance = "from scipy import ndimage as f\nd=f.distance_transform_edt({}{}).astype('f4')\n"
    work = "distance, mask"
    yield ours(work, "vlabel distance mask.raw out.raw", data="u8", at_least=6, output="out.raw")
    yield python(work, "scipy", distance.format(load("mask", "u1"), "") + "d.tofile('out.raw')", "scipy", data="u8", output="out.raw")
    work = "distance, spacing 2 0.65 0.65"
    yield ours(work, "vlabel distance --spacing 2,0.65,0.65 mask.raw out.raw", data="u8", at_least=6, output="out.raw")
    yield python(work, "scipy", distance.format(load("mask", "u1"), ",(2,.65,.65)") + "d.tofile('out.raw')", "scipy", data="u8",
                 output="out.raw")
    flood = f"from skimage.segmentation import watershed as w\nm={load('cores', 'u4')}.astype('i4')\n"
    for data, dtype in (("beads16", "u2"), ("beads32", "f4")):
        work = f"watershed, {data}"
        yield ours(work, f"vlabel watershed --markers cores.raw --memory 8G {data}.raw out.raw", at_least=5, output="out.raw")
        yield python(work, "scikit-image", f"{flood}w({load(data, dtype)},m).tofile('out.raw')", "skimage", output="out.raw")
    work = "watershed, distances in beads"
    yield ours(work, "vlabel watershed --kind mask --markers cores.raw --memory 8G beads.raw out.raw", data="u8", at_least=5, output="out.raw")
    yield python(work, "scikit-image", f"{flood}v={load('beads', 'u1')}\n{distance.format('v', '')}w(-d,m,mask=v).tofile('out.raw')",
                 "skimage", "scipy", data="u8", output="out.raw")


def all_rows(n):
    """Every row, for cubes of n^3 voxels."""
    for family in (point_rows, statistics_rows, rank_rows, linear_rows, edge_rows, morphology_rows, normalize_rows,
                   view_rows, command_rows, label_rows, flood_rows, tiff_rows, zarr_rows, project_rows, resample_rows,
                   part_rows):
        yield from family(n)
