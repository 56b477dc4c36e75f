// A table of measurements on its way to a file or to standard output.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/output_file.h"

namespace vox {

/// A text file that appears when it is complete.
class TableFile {
 public:
  /// `path`: empty for standard output, where lines appear as they come. Throws a usage error when the file
  /// exists (without `force`) or cannot be made.
  TableFile(const std::string& path, bool force);

  void write(std::string_view text);
  void commit();

 private:
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<ByteSink> standard_output_;
};

}  // namespace vox
