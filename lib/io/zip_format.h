// Numbers of the zip format that reading and writing share (PKWARE's APPNOTE 6.3).
#pragma once

#include <cstddef>
#include <cstdint>

namespace vox::zip {

inline constexpr std::uint32_t kEntry = 0x04034b50;
inline constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
inline constexpr std::uint32_t kEnd = 0x06054b50;
inline constexpr std::uint32_t kEnd64 = 0x06064b50;
inline constexpr std::uint32_t kEnd64Locator = 0x07064b50;
inline constexpr std::uint16_t kExtra64 = 1;
inline constexpr std::uint16_t kStored = 0;
inline constexpr std::uint16_t kEncrypted = 1;      // flag
inline constexpr std::uint16_t kUtf8 = 1 << 11;     // flag
inline constexpr std::uint32_t kIn64 = 0xffffffff;  // the number stands in the extra field
inline constexpr std::uint16_t kCountIn64 = 0xffff;
inline constexpr std::uint16_t kVersion64 = 45;

// Bytes of the fixed parts.
inline constexpr std::size_t kEntryBytes = 30;
inline constexpr std::size_t kDirectoryEntryBytes = 46;
inline constexpr std::size_t kEndBytes = 22;
inline constexpr std::size_t kEnd64Bytes = 56;
inline constexpr std::size_t kEnd64LocatorBytes = 20;
inline constexpr std::size_t kMostComment = 0xffff;

}  // namespace vox::zip
