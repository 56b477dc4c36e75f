// Networks of comparators on vectors; included once for each vector target. No include guard: see there.

template <const Network& network, std::size_t number, class V>
HWY_INLINE void run_comparator(V* wires) {
  constexpr Comparator pair = network.comparators.items[number];
  const V low = wires[pair.low];
  const V high = wires[pair.high];
  if constexpr (pair.keep_low) wires[pair.low] = hn::Min(low, high);
  if constexpr (pair.keep_high) wires[pair.high] = hn::Max(low, high);
}

template <const Network& network, std::size_t... numbers, class V>
HWY_INLINE void run_comparators(V* wires, std::index_sequence<numbers...>) {
  (run_comparator<network, numbers>(wires), ...);
}

template <const Network& network, class V>
HWY_INLINE void run_network(V* wires) {
  run_comparators<network>(wires, std::make_index_sequence<network.comparators.size>());
}

template <class D, class Key, std::size_t... numbers>
HWY_INLINE void load_each(D d, const Key* lines, std::int64_t stride, hn::Vec<D>* wires,
                          std::index_sequence<numbers...>) {
  ((wires[numbers] = hn::LoadU(d, lines + static_cast<std::int64_t>(numbers) * stride)), ...);
}

/// Wires [0, kCount) from lines of values, `stride` keys apart.
template <std::size_t kCount, class D, class Key>
HWY_INLINE void load_wires(D d, const Key* lines, std::int64_t stride, hn::Vec<D>* wires) {
  load_each(d, lines, stride, wires, std::make_index_sequence<kCount>());
}

template <const Network& network, class D, class Key, std::size_t... ranks>
HWY_INLINE void store_each(D d, const hn::Vec<D>* wires, Key* lines, std::int64_t stride,
                           std::index_sequence<ranks...>) {
  (hn::StoreU(wires[network.sorted.items[ranks]], d, lines + static_cast<std::int64_t>(ranks) * stride), ...);
}

/// All sorted values of a network, the smallest to the first line.
template <const Network& network, class D, class Key>
HWY_INLINE void store_sorted(D d, const hn::Vec<D>* wires, Key* lines, std::int64_t stride) {
  store_each<network>(d, wires, lines, stride, std::make_index_sequence<network.sorted.size>());
}
