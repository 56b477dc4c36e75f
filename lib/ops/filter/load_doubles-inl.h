// Voxels of any type as vectors of doubles, included by sources for each vector target. No include guard: see
// there.

template <class D, class T>
HWY_INLINE hn::Vec<D> load_doubles(D d, const T* from) {
  if constexpr (std::is_same_v<T, double>) {
    return hn::LoadU(d, from);
  } else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, std::int32_t>) {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<T, D>(), from));
#if HWY_TARGET != HWY_SCALAR
  } else if constexpr (std::is_integral_v<T> && sizeof(T) <= 2) {
    return hn::PromoteTo(d,
                         hn::PromoteTo(hn::Rebind<std::int32_t, D>(), hn::LoadU(hn::Rebind<T, D>(), from)));
#endif
  } else {
    HWY_ALIGN double values[hn::MaxLanes(d)];
    for (std::size_t i = 0; i < hn::Lanes(d); ++i) values[i] = static_cast<double>(from[i]);
    return hn::Load(d, values);
  }
}
