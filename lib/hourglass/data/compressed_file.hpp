#pragma once

// Not installed.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <zlib.h>

namespace hourglass::data {

// The bytes of a file, plain or compressed by gzip, which its first two bytes tell. A gzip file may
// have several members and end with padding of zeros; zlib's own gzread takes whatever follows the
// first member and does not begin like another one for the end. Throws InputError for a file that
// is missing, cut off, corrupt or grows too much.
class CompressedFile {
 public:
  // Beyond these a gzip file may hold no more than `most_growth` times its own size: one small file
  // could ask for all the memory there is.
  static constexpr std::uint64_t free_bytes = std::uint64_t{256} << 20, most_growth = 100;

  // `kind` is what was expected: "an IDX file".
  CompressedFile(const std::filesystem::path& file, const std::string& kind);

  // Reads up to `count` bytes and returns how many there were; fewer only at the end.
  std::size_t read(unsigned char* to, std::size_t count);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct End {
    void operator()(z_stream* stream) const;
  };

  bool fill();         // false at the end of the file
  bool next_member();  // false where there is none
  std::size_t inflate_some(unsigned char* to, std::size_t count);
  [[noreturn]] void refuse_here(const std::string& what) const;
  std::uint64_t position() const { return taken_ - stream_->avail_in; }

  std::filesystem::path file_;
  std::unique_ptr<std::FILE, Close> source_;
  std::vector<unsigned char> buffer_;
  std::unique_ptr<z_stream, End> stream_;  // its input is what of the buffer is left
  bool compressed_ = false, inside_member_ = false;
  std::uint64_t taken_ = 0, given_ = 0;  // bytes of the file, bytes that they stand for
};

}  // namespace hourglass::data
