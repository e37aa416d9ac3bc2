#include "compressed_file.hpp"

#include "byte_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace hourglass::data {

void CompressedFile::End::operator()(z_stream* stream) const {
  inflateEnd(stream);
  delete stream;
}

CompressedFile::CompressedFile(const std::filesystem::path& file, const std::string& kind)
    : file_(file), buffer_(1 << 17), stream_(new z_stream{}) {
  if (std::error_code ignored; std::filesystem::is_directory(file, ignored))
    refuse(file, "is a folder, expected " + kind);
  source_.reset(std::fopen(file.c_str(), "rb"));
  if (!source_) refuse(file, std::string("cannot be opened: ") + std::strerror(errno));
  constexpr int gzip_alone = 16;
  if (inflateInit2(stream_.get(), gzip_alone + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  compressed_ = fill() && stream_->avail_in >= 2 && buffer_[0] == 0x1f && buffer_[1] == 0x8b;
}

std::size_t CompressedFile::read(unsigned char* to, std::size_t count) {
  std::size_t got = 0;
  while (got < count) {
    if (compressed_) {
      if (!inside_member_ && !next_member()) break;
      got += inflate_some(to + got, count - got);
      continue;
    }
    if (!fill()) break;
    const std::size_t piece = std::min<std::size_t>(count - got, stream_->avail_in);
    std::memcpy(to + got, stream_->next_in, piece);
    stream_->next_in += piece;
    stream_->avail_in -= static_cast<uInt>(piece);
    got += piece;
  }
  return got;
}

bool CompressedFile::fill() {
  if (stream_->avail_in > 0) return true;
  const std::size_t found = std::fread(buffer_.data(), 1, buffer_.size(), source_.get());
  if (std::ferror(source_.get()))
    refuse(file_, std::string("cannot be read: ") + std::strerror(errno));
  stream_->next_in = buffer_.data();
  stream_->avail_in = static_cast<uInt>(found);
  taken_ += found;
  return found > 0;
}

bool CompressedFile::next_member() {
  if (!fill()) return false;
  if (*stream_->next_in != 0) {
    inflateReset(stream_.get());
    return inside_member_ = true;
  }
  for (; fill(); stream_->avail_in = 0) {
    const unsigned char* end = stream_->next_in + stream_->avail_in;
    const unsigned char* other = std::find_if(static_cast<const unsigned char*>(stream_->next_in),
                                              end, [](auto byte) { return byte != 0; });
    if (other == end) continue;
    stream_->avail_in = static_cast<uInt>(end - other);
    refuse_here("other bytes after padding by zeros");
  }
  return false;
}

std::size_t CompressedFile::inflate_some(unsigned char* to, std::size_t count) {
  if (!fill())
    refuse(file_, "the compressed data is cut off after " + std::to_string(taken_) + " bytes");
  const uInt room = static_cast<uInt>(std::min<std::size_t>(count, 1 << 20));
  stream_->next_out = to;
  stream_->avail_out = room;
  const int code = inflate(stream_.get(), Z_NO_FLUSH);
  if (code == Z_MEM_ERROR) throw std::bad_alloc();
  if (code == Z_STREAM_END)
    inside_member_ = false;
  else if (code != Z_OK)
    refuse_here(stream_->msg ? stream_->msg : "it does not go on");
  given_ += room - stream_->avail_out;
  if (given_ > free_bytes && given_ / most_growth > position())
    refuse(file_, "the compressed data is " + std::to_string(given_ / position()) +
                      " times as large without compression, expected at most " +
                      std::to_string(most_growth) + " times beyond " +
                      std::to_string(free_bytes >> 20) +
                      " MiB (if it is right, decompress it first)");
  return room - stream_->avail_out;
}

void CompressedFile::refuse_here(const std::string& what) const {
  refuse(file_,
         "the compressed data is corrupt after " + std::to_string(position()) + " bytes: " + what);
}

}  // namespace hourglass::data
