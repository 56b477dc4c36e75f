// Parts of one volume, written by processes that know nothing of each other, and joined when all are there.
//
// They share the folder OUTPUT.parts. Whoever writes a part twice, or two at once, writes the same bytes to
// the same places; a part counts only when its record (part_record.h) lies beside them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/volume_io.h"

namespace vox {

/// Bytes in which a part lies, or some of it.
struct PartPiece {
  std::string file;  ///< below the folder of the parts
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::string checksum = {};  ///< CRC-32C, as hexadecimal digits
};

/// Takes the voxels of some planes. `finish` waits until they are on disk.
class PartSink : public SlabSink {
 public:
  /// Where they lie; with checksums where those are known already. REQUIRES: finished.
  virtual std::vector<PartPiece> pieces() const = 0;
  /// Of the voxels, where the output's metadata hold it and it was not known before.
  virtual std::optional<Range> range() const { return std::nullopt; }
};

/// How an output lies on disk.
struct PartLayout {
  std::int64_t planes = 1;  ///< parts begin at multiples of so many
  std::string text;         ///< the same text: parts fit together
  bool is_complete = true;  ///< once all parts are there; false: some voxels are made of theirs
};

/// What a format knows of parts. `output` as the user names it.
struct SharedFormat {
  PartLayout (*layout)(const std::string& output, const VolumeMeta& meta, const CreateOptions& options);
  /// Makes the folder if it is not there. Throws what creating the whole output would throw.
  std::unique_ptr<PartSink> (*create)(const std::string& output, const VolumeMeta& meta,
                                      const CreateOptions& options, const Interval& planes);
  /// Makes the output exist, of parts that are all there. `range`: of all voxels, as the parts found it.
  void (*join)(const std::string& output, const VolumeMeta& meta, const std::string& layout,
               const std::optional<Range>& range, bool force);
};

/// Throws a usage error that names the alternatives when parts cannot share an output of that name.
const SharedFormat& shared_format(const std::string& output);

/// "scan.raw.parts" for "scan.raw", "slices.parts" for "slices/".
std::string parts_folder(const std::string& output);
/// Makes a folder in an existing one, unless it is there.
void make_shared_folder(const std::string& path);
/// A name below `parts_folder` that no other layout has.
std::string store_name(const std::string& format, const std::string& layout);
/// Removes what killed processes left below a folder: hidden files that end in ".part".
void remove_leftovers(const std::string& folder);

extern const SharedFormat kRawParts;
extern const SharedFormat kSlicesParts;
extern const SharedFormat kZarrParts;

}  // namespace vox
