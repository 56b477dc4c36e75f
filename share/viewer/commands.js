// The command lines that do to the whole volume what the page shows.

/** As a POSIX shell reads it back. */
function shellQuoted(word) {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Shortest digits that read back as the same number, as the tools take them. */
function numberText(value) {
  return String(value);
}

function outputName(path, suffix) {
  const name = path === "-" || path === "standard input" ? "scan" : path.replace(/\/+$/, "").split("/").pop();
  const stem = name.replace(/\.(ome\.)?(tiff?|zarr)$|\.(raw|npy|nrrd|nhdr|mha|mhd|nii)(\.(gz|zst|zstd))?$|\.ozx$/i, "");
  return `${stem}_${suffix}.tif`;
}

/** `box`: [begin, end) along each axis of the full volume, or null. */
function commandFor(task, path, window, box, choice) {
  const range = `${numberText(window.low)},${numberText(window.high)}`;
  const input = path === "standard input" ? "-" : shellQuoted(path);
  const roi = box ? ` --roi ${box.map(([begin, end]) => `${begin}:${end}`).join(",")}` : "";
  const output = (suffix) => shellQuoted(outputName(path, suffix));
  const options = `${roi}${choice}`;
  if (task === "clip") return `vclip -r ${range}${options} ${input} ${output("clipped")}`;
  if (task === "mask") return `vfilter threshold --range ${range}${options} ${input} ${output("mask")}`;
  const suffix = task === "uint8" ? "u8" : "u16";
  return `vnormalize minmax --from ${range} -t ${task}${options} ${input} ${output(suffix)}`;
}
