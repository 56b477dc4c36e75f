// Ranks in any footprint, included by `rank_codes.cpp` for each vector target. No include guard: see there.

template <class T, class Count>
class RankChords {
  using C = Codes<T>;
  using Code = typename C::Code;
  static constexpr bool kWide = sizeof(T) == 2;

 public:
  RankChords(const ConstBlock& in, const Block& out, const std::vector<Chord>& chords, std::int64_t rank,
             bool nan)
      : in_(in), out_(out), chords_(chords), rows_(chords.size()), rank_(rank), nan_(nan) {}

  void run() {
    const Extent3 size = out_.shape();
    for (std::int64_t z = 0; z < size.z; ++z)
      for (std::int64_t y = 0; y < size.y; ++y) run_row(z, y);
  }

 private:
  void run_row(std::int64_t z, std::int64_t y) {
    auto* out = reinterpret_cast<T*>(out_.row(z, y));
    upper_.clear();
    segment_ = -1;
    for (std::size_t i = 0; i < chords_.size(); ++i) {
      rows_[i] = reinterpret_cast<const T*>(in_.row(z + chords_[i].dz, y + chords_[i].dy));
      for (std::int64_t x = -chords_[i].half; x <= chords_[i].half; ++x) add(C::load(rows_[i][x]), 1);
    }
    out[0] = C::store(select(0));
    for (std::int64_t x = 1; x < out_.shape().x; ++x) {
      for (std::size_t i = 0; i < chords_.size(); ++i) {
        add(C::load(rows_[i][x - 1 - chords_[i].half]), static_cast<Count>(-1));
        add(C::load(rows_[i][x + chords_[i].half]), 1);
      }
      out[x] = C::store(select(x));
    }
  }

  void add(Code code, Count times) {
    upper_.add(upper(code), times);
    if constexpr (kWide)
      if (upper(code) == segment_) lower_.add(static_cast<std::uint8_t>(code), times);
  }

  void count_segment(std::int64_t x) {
    lower_.clear();
    for (std::size_t i = 0; i < chords_.size(); ++i)
      for (std::int64_t dx = -chords_[i].half; dx <= chords_[i].half; ++dx) {
        const Code code = C::load(rows_[i][x + dx]);
        if (upper(code) == segment_) lower_.add(static_cast<std::uint8_t>(code), 1);
      }
  }

  Code select(std::int64_t x) {
    std::int64_t rank = rank_;
    std::uint8_t segment = value_at(upper_, rank);
    if constexpr (kWide) {
      if (nan_ && upper_.values[kNanBits] != 0) {
        segment = kNanBits;
        rank = static_cast<std::int64_t>(upper_.values[kNanBits]) - 1;
      }
      if (segment != segment_) {
        segment_ = segment;
        count_segment(x);
      }
      return static_cast<Code>(segment << 8 | value_at(lower_, rank));
    } else {
      return segment;
    }
  }

  ConstBlock in_;
  Block out_;
  const std::vector<Chord>& chords_;
  std::vector<const T*> rows_;
  std::int64_t rank_;
  bool nan_;
  int segment_ = -1;  ///< the upper bits whose lower ones are counted
  ByteCounts<Count> upper_;
  ByteCounts<Count> lower_;
};
