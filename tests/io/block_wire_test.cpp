#include "io/block_wire.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "io/gzip.h"
#include "support/faulty_device.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::Volume;

constexpr Extent3 kShape{5, 7, 9};
constexpr Extent3 kMargin{1, 2, 3};
constexpr Extent3 kInner{3, 3, 3};

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto span = std::as_bytes(std::span(text));
  return {span.begin(), span.end()};
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string npy(const std::string& descr, bool fortran, const std::string& shape, const std::string& voxels) {
  const std::string header = "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
                             ", 'shape': " + shape + "}\n";
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header + voxels;
}

/// What comes of an answer for a block of kInner with kMargin; bytes come in small pieces.
Volume received(BlockFormat format, const std::string& answer, DType dtype) {
  std::vector<std::byte> content = bytes_of(answer);
  Volume out(kInner, dtype);
  auto device = std::make_unique<test::FaultyDevice>(content, test::Faults{.longest_transfer = 11});
  receive_block(format, ByteSource(std::move(device), "its output", std::nullopt), kMargin,
                dense_block(out.bytes.data(), dtype, whole(kInner)));
  return out;
}

Volume inner_of(const Volume& volume) {
  Volume inner(kInner, volume.meta.dtype);
  const std::int64_t element = size_of(volume.meta.dtype);
  std::byte* out = inner.bytes.data();
  for (std::int64_t z = 0; z < kInner.z; ++z)
    for (std::int64_t y = 0; y < kInner.y; ++y, out += kInner.x * element) {
      const std::int64_t row = (z + kMargin.z) * kShape.y + y + kMargin.y;
      std::memcpy(out, volume.bytes.data() + (row * kShape.x + kMargin.x) * element,
                  static_cast<std::size_t>(kInner.x * element));
    }
  return inner;
}

/// The voxels with the bytes of each turned around, or in (X, Y, Z) order.
std::string swapped(const Volume& volume) {
  std::string text = text_of(volume.bytes);
  const auto element = static_cast<std::ptrdiff_t>(size_of(volume.meta.dtype));
  for (auto at = text.begin(); at != text.end(); at += element) std::reverse(at, at + element);
  return text;
}

std::string transposed(const Volume& volume) {
  std::string text;
  const auto element = static_cast<std::size_t>(size_of(volume.meta.dtype));
  for (std::int64_t x = 0; x < kShape.x; ++x)
    for (std::int64_t y = 0; y < kShape.y; ++y)
      for (std::int64_t z = 0; z < kShape.z; ++z)
        text += text_of(volume.bytes)
                    .substr(static_cast<std::size_t>((z * kShape.y + y) * kShape.x + x) * element, element);
  return text;
}

TEST(BlockWire, WhatWeSendComesBackInEveryFormatAndType) {
  for (const DType dtype : kAllDTypes) {
    Volume volume = test::random_volume(kShape, dtype, 3);
    volume.meta.spacing = Vector3{1, 2, 3};
    for (const BlockFormat format : {BlockFormat::npy, BlockFormat::raw, BlockFormat::nrrd}) {
      if (format == BlockFormat::nrrd && dtype == DType::float16) {
        EXPECT_THROW(check_block_format(format, dtype), Error);
        continue;
      }
      check_block_format(format, dtype);
      const std::string answer = block_header(format, volume.meta) + text_of(volume.bytes);
      EXPECT_EQ(inner_of(volume).bytes, received(format, answer, dtype).bytes)
          << block_format_name(format) << " " << dtype_name(dtype);
    }
  }
}

TEST(BlockWire, NumpysOrdersAndByteOrders) {
  for (const DType dtype : kAllDTypes) {
    const Volume volume = test::random_volume(kShape, dtype, 4);
    const std::string name = std::string(1, is_float(dtype)    ? 'f'
                                            : is_signed(dtype) ? 'i'
                                                               : 'u') +
                             std::to_string(size_of(dtype));
    const Volume expected = inner_of(volume);
    const std::string shape = "(5, 7, 9)";
    EXPECT_EQ(expected.bytes,
              received(BlockFormat::npy, npy(">" + name, false, shape, swapped(volume)), dtype).bytes);
    EXPECT_EQ(expected.bytes,
              received(BlockFormat::npy, npy("<" + name, true, shape, transposed(volume)), dtype).bytes);
  }
  const Volume truth = test::random_volume(kShape, DType::uint8, 4);
  EXPECT_EQ(
      inner_of(truth).bytes,
      received(BlockFormat::npy, npy("|b1", false, "(5, 7, 9)", text_of(truth.bytes)), DType::uint8).bytes);
}

TEST(BlockWire, NrrdOfOthers) {
  const Volume volume = test::random_volume(kShape, DType::int16, 4);
  const std::string start = "NRRD0004\ntype: short\ndimension: 3\nsizes: 9 7 5\nendian: big\nencoding: ";
  EXPECT_EQ(inner_of(volume).bytes,
            received(BlockFormat::nrrd, start + "raw\n\n" + swapped(volume), DType::int16).bytes);
}

std::string failure_of(BlockFormat format, const std::string& answer, DType dtype = DType::uint8) {
  try {
    received(format, answer, dtype);
  } catch (const Error& error) {
    EXPECT_EQ(ErrorKind::failure, error.kind());
    return error.what();
  }
  return "none";
}

TEST(BlockWire, WhatIsWrongIsToldWithWhatWasExpected) {
  const std::string voxels(5 * 7 * 9, 'x');
  const std::string shape = "(5, 7, 9)";
  const std::vector<std::tuple<BlockFormat, std::string, std::string>> cases = {
      {BlockFormat::npy, npy("|u1", false, "(5, 9, 7)", voxels), "has 5 x 9 x 7 voxels of uint8"},
      {BlockFormat::npy, npy("|u1", true, "(9, 7, 5)", voxels), "has 9 x 7 x 5 voxels of uint8"},
      {BlockFormat::npy, npy("|i1", false, shape, voxels), "voxels of int8, which --dtype int8 would take"},
      {BlockFormat::npy, npy("<c8", false, shape, voxels), "complex voxels are not supported"},
      {BlockFormat::npy, npy("|u1", false, "(315,)", voxels), "the array has 1 dimensions"},
      {BlockFormat::npy, npy("|u1", false, shape, voxels.substr(1)), "314 of 315 bytes"},
      {BlockFormat::npy, npy("|u1", true, shape, voxels.substr(1)), "314 of 315 bytes"},
      {BlockFormat::npy, npy("|u1", false, shape, voxels + "x"), "there are more bytes than the 315"},
      {BlockFormat::npy, npy("|u1", true, shape, voxels + "x"), "there are more bytes than the 315"},
      {BlockFormat::npy, npy("|u1", false, shape, ""), "0 of 315 bytes"},
      {BlockFormat::npy, "", "there is none"},
      {BlockFormat::npy, "Traceback", "is not in format npy"},
      {BlockFormat::npy, "\x93NUM", "is not in format npy"},
      {BlockFormat::raw, "", "0 of 315 bytes"},
      {BlockFormat::raw, voxels.substr(1), "314 of 315 bytes"},
      {BlockFormat::raw, voxels + "xy", "there are more bytes than the 315"},
      {BlockFormat::nrrd, voxels, "is not in format nrrd"},
      {BlockFormat::nrrd, "NRRD0004\ntype: uchar\n\n", "sizes"},
      {BlockFormat::nrrd,
       "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 9 7 5\nencoding: raw\ndata file: x\n\n",
       "which a pipe cannot lead to"}};
  for (const auto& [format, answer, words] : cases) {
    const std::string said = failure_of(format, answer);
    EXPECT_NE(std::string::npos, said.find(words)) << said;
    EXPECT_NE(std::string::npos, said.find("5 x 7 x 9 voxels of uint8 as")) << said;
  }
}

TEST(BlockWire, NamesOfFormats) {
  BlockFormat format{};
  parse_value("nrrd", format);
  EXPECT_EQ(BlockFormat::nrrd, format);
  EXPECT_THROW(parse_value("tiff", format), Error);
}

}  // namespace
}  // namespace vox
