// The inner loop of the bootstrap: every block draws how often it stands in each resample, and its
// numbers are added to the sums of the resamples that often.
//
// The draws are 16-bit pieces of SplitMix64 (Steele, Lea and Flood 2014), started from the key of
// the block and the seed, and looked up in the distribution function of Poisson's law with mean 1.
// All sums are whole numbers below 2^53, so the order of additions does not matter.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace py = pybind11;

namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15u;
constexpr std::size_t kPieces = 4;  // of 16 bits in a number

std::uint64_t mix(std::uint64_t state) {
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9u;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebu;
  return state ^ (state >> 31);
}

// A draw is as many times as it reaches one of these.
std::vector<std::uint16_t> poisson_limits() {
  std::vector<std::uint16_t> limits;
  double probability = std::exp(-1.0);
  double below = probability;
  for (int count = 1; std::lround(65536 * below) < 65536; ++count) {
    limits.push_back(static_cast<std::uint16_t>(std::lround(65536 * below)));
    probability /= count;
    below += probability;
  }
  return limits;
}

template <typename Number>
Number* data(const py::buffer_info& buffer) {
  if (buffer.ndim != 1 || buffer.itemsize != sizeof(Number) || buffer.strides[0] != buffer.itemsize)
    throw std::invalid_argument("not a plain row of 64-bit numbers");
  return static_cast<Number*>(buffer.ptr);
}

void add(const py::buffer& sums, const py::buffer& keys, const std::vector<py::buffer>& columns,
         std::uint64_t seed) {
  const py::buffer_info into = sums.request(true);
  const py::buffer_info from = keys.request();
  double* total = data<double>(into);
  const std::uint64_t* key = data<std::uint64_t>(from);
  std::vector<py::buffer_info> requested;
  std::vector<const double*> values;
  for (const py::buffer& column : columns) {
    requested.push_back(column.request());
    if (requested.back().size != from.size) throw std::invalid_argument("columns differ in length");
    values.push_back(data<const double>(requested.back()));
  }
  if (values.empty() || into.size % static_cast<py::ssize_t>(values.size()) != 0)
    throw std::invalid_argument("the sums have no place for the columns");
  const std::size_t samples = static_cast<std::size_t>(into.size) / values.size();
  const std::size_t blocks = static_cast<std::size_t>(from.size);
  static const std::vector<std::uint16_t> limits = poisson_limits();

  const py::gil_scoped_release unlocked;
  const std::uint64_t start = mix(seed + kGolden);
  const std::size_t numbers = (samples + kPieces - 1) / kPieces;
  std::vector<std::uint16_t> draws(numbers * kPieces);
  std::vector<std::uint16_t> counts(numbers * kPieces);
  std::vector<double> weights(samples);
  for (std::size_t block = 0; block < blocks; ++block) {
    std::uint64_t state = mix(key[block] ^ start);
    for (std::size_t number = 0; number < numbers; ++number) {
      state += kGolden;
      const std::uint64_t drawn = mix(state);
      for (std::size_t piece = 0; piece < kPieces; ++piece)
        draws[number * kPieces + piece] = static_cast<std::uint16_t>(drawn >> (16 * piece));
    }
    for (std::size_t sample = 0; sample < draws.size(); ++sample) counts[sample] = 0;
    for (const std::uint16_t limit : limits)
      for (std::size_t sample = 0; sample < draws.size(); ++sample)
        counts[sample] = static_cast<std::uint16_t>(counts[sample] + (draws[sample] >= limit));
    for (std::size_t sample = 0; sample < samples; ++sample) weights[sample] = counts[sample];
    for (std::size_t column = 0; column < values.size(); ++column) {
      const double value = values[column][block];
      if (value == 0) continue;
      double* const row = total + column * samples;
      for (std::size_t sample = 0; sample < samples; ++sample)
        row[sample] += value * weights[sample];
    }
  }
}

}  // namespace

PYBIND11_MODULE(_bootstrap, module) {
  module.def("add", &add, py::arg("sums"), py::arg("keys"), py::arg("columns"), py::arg("seed"));
}
