#include "io/stream.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.h"
#include "support/faulty_device.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::Faults;
using test::FaultyDevice;
using test::Volume;
using Bytes = std::vector<std::byte>;

Volume small_volume() {
  Volume volume({2, 2, 3}, DType::uint16);
  for (std::int64_t i = 0; i < 12; ++i)
    reinterpret_cast<std::uint16_t*>(volume.bytes.data())[i] = static_cast<std::uint16_t>(1000 * i);
  volume.meta.spacing = Vector3{2, 0.65, 0.65};
  volume.meta.unit = "micrometer";
  volume.meta.origin = Vector3{0, -1.5, 10};
  volume.meta.range = Range{0, 11000};
  volume.meta.value_map = ValueMap{0.5, -1};
  volume.meta.history = {{"vphantom", "0.1.0", {"foam", "-"}, {}}};
  volume.meta.extra["note"] = "{\"by\":\"somebody\"}";
  return volume;
}

void put_all(SlabSink& sink, Volume volume) { sink.put(whole(volume.meta.shape), volume.bytes); }

Bytes written(const Volume& volume, const Faults& faults = {}) {
  Bytes content;
  {
    auto sink =
        create_stream(ByteSink(std::make_unique<FaultyDevice>(content, faults), "stream"), volume.meta);
    put_all(*sink, volume);
    sink->finish();
  }
  return content;
}

Volume read_all(Bytes content, const Faults& faults = {}) {
  auto source =
      open_stream(ByteSource(std::make_unique<FaultyDevice>(content, faults), "stream", std::nullopt));
  Volume volume(source->meta().shape, source->meta().dtype);
  volume.meta = source->meta();
  const std::int64_t rows = volume.meta.shape.z * volume.meta.shape.y;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t z = row / volume.meta.shape.y;
    const std::int64_t y = row % volume.meta.shape.y;
    source->read({{z, y, 0}, {z + 1, y + 1, volume.meta.shape.x}},
                 volume.bytes.data() + row * volume.meta.row_bytes());
  }
  return volume;
}

ErrorKind kind_of(const std::function<void()>& action, std::string& message) {
  try {
    action();
  } catch (const Error& error) {
    message = error.what();
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::failure;
}

TEST(Stream, GoldenBytes) {
  const Bytes content = written(small_volume());
  ASSERT_EQ(4096u + 24u + 512u, content.size());
  const std::string text(reinterpret_cast<const char*>(content.data()), content.size());
  const std::string header =
      "{\"voxpipe\":1,\"stream\":1,\"shape\":[2,2,3],\"dtype\":\"uint16\",\"byte_order\":\"little\","
      "\"spacing\":[2.0,0.65,0.65],"
      "\"unit\":\"micrometer\",\"origin\":[0.0,-1.5,10.0],\"kind\":\"intensity\",\"range\":[0,11000],"
      "\"value_map\":{\"slope\":0.5,\"intercept\":-1.0},\"note\":{\"by\":\"somebody\"},"
      "\"history\":[{\"tool\":\"vphantom\",\"version\":\"0.1.0\",\"args\":[\"foam\",\"-\"]}]}";
  EXPECT_EQ(header, text.substr(0, header.size()));
  EXPECT_EQ(std::string(4095 - header.size(), ' ') + "\n", text.substr(header.size(), 4096 - header.size()));
  const std::uint8_t voxels_expected[] = {0x00, 0x00, 0xe8, 0x03, 0xd0, 0x07, 0xb8, 0x0b,
                                          0xa0, 0x0f, 0x88, 0x13, 0x70, 0x17, 0x58, 0x1b,
                                          0x40, 0x1f, 0x28, 0x23, 0x10, 0x27, 0xf8, 0x2a};
  EXPECT_EQ(0, std::memcmp(voxels_expected, content.data() + 4096, 24));
  const std::string trailer = "{\"voxpipe_end\":1,\"status\":\"done\",\"crc32c\":\"";
  EXPECT_EQ(trailer, text.substr(4120, trailer.size()));
  EXPECT_EQ('\n', text.back());
  // CRC-32C bit by bit, as its polynomial defines it.
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : voxels_expected) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0u);
  }
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", ~crc);
  EXPECT_EQ(digits, text.substr(4120 + trailer.size(), 8));
}

TEST(Stream, ComesBackWithAllOfItsMeta) {
  const Volume volume = small_volume();
  const Volume back = read_all(written(volume));
  EXPECT_EQ(volume.bytes, back.bytes);
  EXPECT_TRUE(volume.meta == back.meta);
}

TEST(Stream, SurvivesShortTransfersAndInterruptions) {
  const Volume volume = small_volume();
  Faults faults;
  faults.longest_transfer = 7;
  faults.interrupt_every_other_call = true;
  EXPECT_EQ(written(volume), written(volume, faults));
  EXPECT_EQ(volume.bytes, read_all(written(volume), faults).bytes);
}

TEST(Stream, CutShortAtEveryByteIsDamaged) {
  const Bytes content = written(small_volume());
  for (std::size_t size = 0; size<content.size(); size += size> 4000 ? 1 : 333) {
    std::string message;
    EXPECT_EQ(ErrorKind::damaged,
              kind_of(
                  [&] {
                    read_all({content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size)});
                  },
                  message))
        << size;
    EXPECT_NE(std::string::npos, message.find("cut short")) << message;
  }
}

TEST(Stream, ASecondVolumeBehindTheFirstIsNotLostSilently) {
  Bytes content = written(small_volume());
  const Bytes second = content;
  content.insert(content.end(), second.begin(), second.end());
  std::string message;
  EXPECT_EQ(ErrorKind::damaged, kind_of([&] { read_all(content); }, message));
  EXPECT_NE(std::string::npos, message.find("follow the end")) << message;
}

TEST(Stream, AFlippedBitInTheVoxelsIsDamaged) {
  for (std::size_t byte = 0; byte < 24; ++byte) {
    Bytes content = written(small_volume());
    content[4096 + byte] ^= std::byte{4};
    std::string message;
    EXPECT_EQ(ErrorKind::damaged, kind_of([&] { read_all(content); }, message));
    EXPECT_NE(std::string::npos, message.find("CRC-32C")) << message;
  }
}

TEST(Stream, AProducerThatFailsTellsWhyWhereverItStopped) {
  const Volume volume = small_volume();
  for (std::int64_t rows = 0; rows <= 4; ++rows) {
    Bytes content;
    {
      auto sink =
          create_stream(ByteSink(std::make_unique<FaultyDevice>(content, Faults{}), "stream"), volume.meta);
      Bytes row(static_cast<std::size_t>(volume.meta.row_bytes()));
      for (std::int64_t i = 0; i < rows; ++i) sink->put({{i / 2, i % 2, 0}, {i / 2 + 1, i % 2 + 1, 3}}, row);
      sink->set_failure("vclip: scan.tif: page 3 is damaged");
    }
    std::string message;
    EXPECT_EQ(ErrorKind::upstream, kind_of([&] { read_all(content); }, message));
    EXPECT_NE(std::string::npos, message.find("vclip: scan.tif: page 3 is damaged")) << message;
  }
}

TEST(Stream, AReasonThatGrowsWhenItIsEscapedStaysWithinTheTrailer) {
  for (const char letter : {'\x1b', '\xfc', '"'}) {
    Bytes content;
    send_failure(ByteSink(std::make_unique<FaultyDevice>(content, Faults{}), "stream"),
                 std::string(300, letter));
    EXPECT_EQ(512u, content.size());
    EXPECT_TRUE(looks_like_failure(content));
  }
}

TEST(Stream, AFailureBeforeTheHeaderIsTold) {
  Bytes content;
  send_failure(ByteSink(std::make_unique<FaultyDevice>(content, Faults{}), "stream"),
               "vconvert: no.tif: No such file");
  EXPECT_TRUE(looks_like_failure(content));
  EXPECT_FALSE(looks_like_stream(content));
  std::string message;
  EXPECT_EQ(ErrorKind::upstream,
            kind_of(
                [&] {
                  fail_with_trailer(
                      ByteSource(std::make_unique<FaultyDevice>(content, Faults{}), "stream", std::nullopt));
                },
                message));
  EXPECT_NE(std::string::npos, message.find("no.tif")) << message;
}

TEST(Stream, WriteErrorsKeepTheirKind) {
  const std::pair<int, ErrorKind> cases[] = {
      {ENOSPC, ErrorKind::space}, {EPIPE, ErrorKind::closed}, {EIO, ErrorKind::failure}};
  for (const auto& [number, kind] : cases) {
    for (const std::int64_t at : {100, 4096, 4110, 4125}) {
      Faults faults;
      faults.fail_at = at;
      faults.error_number = number;
      std::string message;
      EXPECT_EQ(kind, kind_of([&] { written(small_volume(), faults); }, message)) << message;
    }
  }
}

TEST(Stream, RefusesHeadersThatAreWrong) {
  const Bytes content = written(small_volume());
  const std::string text(reinterpret_cast<const char*>(content.data()), content.size());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    Bytes bytes(changed.size());
    std::memcpy(bytes.data(), changed.data(), changed.size());
    return bytes;
  };
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"[2,2,3]", "[2,2]  "},
                                 {"[2,2,3]", "[0,2,3]"},
                                 {"[2,2,3]", "[-1,2,]"},
                                 {"uint16", "uint17"},
                                 {"[2.0,0.65,0.65]", "[2.0,0.65,0.00]"},
                                 {"\"little\"", "\"big\"   "},
                                 {"\"voxpipe\":1", "\"voxpipe\":9"},
                                 {"[0,11000]", "[11000,0]"},
                                 {"intensity", "intensitx"}}) {
    std::string message;
    EXPECT_EQ(ErrorKind::damaged, kind_of([&] { read_all(with(from, to)); }, message))
        << from << " -> " << to;
  }
}

}  // namespace
}  // namespace vox
