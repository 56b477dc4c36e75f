"""Rows of `scripts/bench` for files, stores, projections and resampling."""
from bench_row import itk_row, ours, peer, python, Row


def tiff_rows(n):
    read, write = "TIFF read, u16", "TIFF write, u16"
    yield ours(read, "vconvert none.tif out.raw", at_most=1.2, output="out.raw")
    yield python(read, "tifffile", "import tifffile; tifffile.imread('none.tif').tofile('out.raw')", "tifffile", output="out.raw")
    yield peer(read, "vips", "vips copy none.tif[n=-1] out.v", output="out.v")
    yield ours(write, "vconvert u16.raw out.tif", at_most=1.2, output="out.tif")
    yield python(write, "tifffile", f"import tifffile\ntifffile.imwrite('out.tif',load('u16.raw','u2').reshape({n},{n},{n}))",
                 "tifffile", output="out.tif")
    yield peer("TIFF to TIFF, u16", "tiffcp", "tiffcp -c none none.tif out.tif", output="out.tif")
    yield ours("TIFF to TIFF, u16", "vconvert none.tif out.tif", output="out.tif")
    for codec, option, theirs in (("zstd", "zstd:3", "zstd:p3"), ("deflate", "deflate:6", "zip:p6")):
        work = f"TIFF {codec}, write"
        yield ours(work, f"vconvert -c {option} none.tif out.tif", output="out.tif")
        yield peer(work, "tiffcp, 1 thread", f"tiffcp -c {theirs} none.tif out.tif", output="out.tif")
        work = f"TIFF {codec}, read"
        yield ours(work, f"vconvert -c none {codec}.tif out.tif", output="out.tif")
        yield peer(work, "tiffcp, 1 thread", f"tiffcp -c none {codec}.tif out.tif", output="out.tif")
        if codec == "deflate":
            yield python(work, "tifffile", "import tifffile; tifffile.imwrite('out.tif',tifffile.imread('deflate.tif'))",
                         "tifffile", output="out.tif")


# The levels of a pyramid in NumPy: as its users make them, and by additions of integers, which is faster.
LOCAL_MEAN = """from skimage.transform import downscale_local_mean
def half(v): return downscale_local_mean(v,(2,2,2)).astype('u2')
"""
ADDITIONS = """def half(v):
 s=(v[::2]+v[1::2].astype('u4')); s=s[:,::2]+s[:,1::2]; s=s[...,::2]+s[...,1::2]
 return ((s+3+(s>>3&1))>>3).astype('u2')
"""
LEVELS = """def levels(v):
 yield v
 while v.shape[0]>64: v=half(v); yield v
"""
CHUNK_BYTES = 64**3 * 2


def zarr_rows(n):
    """Stores of chunks of 64 voxels, beside zarr-python and the codec alone."""
    load = f"import zarr,numcodecs as c\nv=load('u16.raw','u2').reshape({n},{n},{n})\n"
    store = ("zarr.array({v},store=f'out.zarr/{i}',chunks=(64,)*3,compressor=C,overwrite=True,dimension_separator='/')")
    for name, codec, bound, alone in (("zstd", "C=c.Zstd(3)\n", 8, 1.6), ("blosc:zstd", "C=c.Blosc('zstd',3,2)\n", 1.7, 1.3)):
        command = f"vpyramid -f --chunk 64 -c {name}:3 u16.raw out.zarr"

        def pyramid(half):
            return load + half + LEVELS + codec + "for i,w in enumerate(levels(v)): " + store.format(v="w", i="{i}")

        work = f"zarr pyramid, {name} 3"
        if name == "zstd":
            yield ours(work, command, at_least=bound, output="out.zarr")
            yield python(work, "zarr, scikit-image", pyramid(LOCAL_MEAN), "zarr", "skimage", output="out.zarr")
            work += ", additions"
        yield ours(work, command, at_least=bound if name != "zstd" else None, output="out.zarr")
        yield python(work, "zarr, numpy", pyramid(ADDITIONS), "zarr", output="out.zarr")
        work = f"zarr pyramid, {name} 3, codec alone"
        yield ours(work, command, at_least=1 / alone, output="out.zarr")
        yield peer(work, "codec alone", f"chunk_codec compress {name.split(':')[0]} 3 {CHUNK_BYTES} chunks.raw")
        work = f"zarr write, {name} 3"
        yield ours(work, f"vconvert -f -c {name}:3 u16.raw out.zarr", output="out.zarr")
        yield python(work, "zarr-python", load + codec + store.format(v="v", i="0").replace("f'", "'"), "zarr", output="out.zarr")
    yield ours("zarr pyramid, none", "vpyramid -f --chunk 64 -c none u16.raw out.zarr", output="out.zarr")
    yield ours("zarr read", "vconvert zstd.zarr out.raw", at_least=3, output="out.raw")
    yield python("zarr read", "zarr-python", "import zarr; zarr.open('zarr2.zarr/0')[:].tofile('out.raw')", "zarr", output="out.raw")
    work = "zarr read, codec and copy"
    yield ours(work, "vconvert zstd.zarr out.raw", at_least=1 / 1.25, output="out.raw")
    expand = f"chunk_codec expand zstd 3 {CHUNK_BYTES} chunks.zstd; cp u16.raw out.raw"
    yield Row(work, "codec alone, cp", [["bash", "-c", expand]], output="out.raw", needs=("chunk_codec",))
    yield ours("zarr region", "vconvert --roi 64:128,64:128,64:128 zstd.zarr out.raw", output="out.raw")
    yield python("zarr region", "zarr-python", "import zarr; zarr.open('zarr2.zarr/0')[64:128,64:128,64:128].tofile('out.raw')",
                 "zarr", output="out.raw")


def project_rows(n):
    for method, bound in (("max", 0.6), ("mean", None), ("std", None), ("median", None)):
        for axis in ("z", "x"):
            work = f"{method} projection along {axis}, u16"
            yield ours(work, f"vproject {method} -a {axis} u16.raw out.raw", at_most=bound if axis == "z" else None, output="out.raw")
            code = f"np.median(v,{'zyx'.index(axis)})" if method == "median" else f"v.{method}({'zyx'.index(axis)})"
            yield python(work, "numpy", f"v=load('u16.raw','u2').reshape({n},{n},{n})\n{code}.tofile('out.raw')", output="out.raw")


def resample_rows(n):
    """A third of the planes to three times as many, as from anisotropic to isotropic voxels, and halves."""
    part = f"--roi 0:{n // 3},:,:"
    planes = f"teem-unu crop -min 0 0 0 -max M M {n // 3 - 1} -i u16.nhdr"
    for method, order, kernel in (("linear", 1, "tent"), ("cubic", None, "cubic:0,0.5"), ("bspline", 3, None)):
        work = f"three times the planes, {method}, u16"
        yield ours(work, f"vresample {part} -z 3,1,1 -m {method} u16.raw out.raw", output="out.raw")
        if kernel:
            unu = f"teem-unu resample -s = = x3 -c cell -b mirror -k {kernel} -t ushort -o out.nrrd"
            yield Row(work, "unu", [planes.split(), unu.split()], needs=("teem-unu",), output="out.nrrd")
        if order:
            yield itk_row(work, f"{method} 3", "u16", n)
            yield python(work, "scipy", f"from scipy import ndimage as f\nv=load('u16.raw','u2').reshape({n},{n},{n})[:{n // 3}]\n"
                         f"f.zoom(v,(3,1,1),order={order},mode='grid-mirror',grid_mode=True).tofile('out.raw')", "scipy", output="out.raw")
    work = "half by the mean, u16"
    yield ours(work, "vresample -z 0.5 -m area u16.raw out.raw", at_most=0.7, output="out.raw")
    yield python(work, "numpy", f"v=load('u16.raw','u2').reshape({n // 2},2,{n // 2},2,{n // 2},2)\n"
                 "v.mean((1,3,5)).round().astype('u2').tofile('out.raw')", output="out.raw")
    yield itk_row(work, "binshrink 2", "u16", n)
    yield peer(work, "unu", "teem-unu resample -s x0.5 x0.5 x0.5 -c cell -k box -t ushort -i u16.nhdr -o out.nrrd", output="out.nrrd")
    for method in ("linear", "cubic", "lanczos"):
        yield ours(f"half, {method}, u16", f"vresample -z 0.5 -m {method} u16.raw out.raw", output="out.raw")
