#include "cli/table_file.h"

#include <span>

namespace vox {

TableFile::TableFile(const std::string& path, bool force) {
  if (path.empty()) {
    standard_output_ = std::make_unique<ByteSink>(ByteSink::standard_output());
    return;
  }
  check_output(path, force);
  file_ = std::make_unique<OutputFile>(path, force);
}

void TableFile::write(std::string_view text) {
  (file_ ? file_->bytes() : *standard_output_).write(std::as_bytes(std::span(text)));
}

void TableFile::commit() {
  if (file_) file_->commit();
}

}  // namespace vox
