// The aligner's inner loop: the cheapest path over reference × hypothesis whose steps are hits,
// renderings of up to three tokens on each side, and modeling errors.
//
// Costs are compared in this order: modeling errors, then raw errors, then how unlike the
// substituted words sound. The last one only makes equal alignments readable.
//
// Judging is dear, so it is put off: a pair of spans that the judge might join counts as joined
// until the best path relies on it. Then the judge is asked, and if it refuses, the path is
// sought again. Costs can only rise that way, so a best path of confirmed steps is optimal, and
// it does not depend on what was judged before.
//
// Only a band about the diagonal is computed, and widened until no path that leaves it could be
// cheaper than the best one inside (Ukkonen 1985).

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

namespace py = pybind11;

namespace {

constexpr int kMaxSpan = 3; // one less than a power of two: costs are kept for as many rows
constexpr int kFirstBand = 4;
constexpr int kFields = 7; // of a step, as it is returned
constexpr std::size_t kMaxTokens = 1u << 20;   // a span key packs three ids of 21 bits
constexpr std::size_t kMaxPairs = 1u << 22;    // caches are emptied beyond these sizes

enum Operation { kHit, kRendering, kSubstitution, kDeletion, kInsertion };

using Cost = std::uint64_t; // modeling errors, raw errors and unlikeness, most important first
constexpr Cost kModeling = Cost{1} << 42, kRaw = Cost{1} << 21;
constexpr Cost kUnreached = std::numeric_limits<Cost>::max() / 2;
constexpr int kUnlikest = 8; // of a substitution; a word without a partner is half of that

struct Sketch {
  std::string skeleton;
  std::vector<int> concepts;
  bool joins = false;
};

// Up to three neighbouring tokens of a sentence and their skeleton, one after the other.
struct Span {
  std::uint64_t key = 0;
  const char *skeleton = nullptr;
  int length = 0;            // of the skeleton
  std::uint32_t letters = 0; // which letters the skeleton has
  bool concept_ = false;     // may stand for an entry or a number
};

struct PairKey {
  std::uint64_t reference, hypothesis;
  bool operator==(const PairKey &other) const {
    return reference == other.reference && hypothesis == other.hypothesis;
  }
};

struct PairHash {
  std::size_t operator()(const PairKey &key) const {
    std::uint64_t mixed = key.reference * 0x9E3779B97F4A7C15ull ^ (key.hypothesis + 0x7F4A7C15ull);
    mixed ^= mixed >> 29;
    return mixed * 0xBF58476D1CE4E5B9ull;
  }
};

enum class Answer : std::uint8_t { kOpen, kRendering, kDifferent };

struct Judged {
  Answer answer = Answer::kOpen;
  int verdict = -1;
};

// A step as it is kept per cell: how many tokens it takes on each side and whether it forgives.
struct Step {
  std::uint8_t rows : 2, columns : 2, forgives : 1;
};

// Whether the edit distance is within a limit. Skeletons are as short as words, so the
// bit-parallel algorithm of Hyyrö (2003) needs one machine word; longer ones do not match.
bool within(const char *left, int rows, const char *right, int columns, int limit) {
  if (rows > 64 || std::abs(rows - columns) > limit) return false;
  if (limit == 0) return std::equal(left, left + rows, right);
  if (rows == 0) return columns <= limit;
  std::uint64_t places[32] = {};
  for (int row = 0; row < rows; ++row) places[left[row] & 31] |= std::uint64_t{1} << row;
  std::uint64_t up = ~std::uint64_t{0}, down = 0;
  const std::uint64_t last = std::uint64_t{1} << (rows - 1);
  int distance = rows;
  for (int column = 0; column < columns; ++column) {
    const std::uint64_t match = places[right[column] & 31];
    const std::uint64_t diagonal = (((match & up) + up) ^ up) | match | down;
    std::uint64_t rise = down | ~(diagonal | up), fall = up & diagonal;
    distance += (rise & last) != 0;
    distance -= (fall & last) != 0;
    rise = rise << 1 | 1;
    fall <<= 1;
    up = fall | ~(diagonal | rise);
    down = rise & diagonal;
  }
  return distance <= limit;
}

bool intersect(const std::vector<int> &left, const std::vector<int> &right) {
  return std::any_of(left.begin(), left.end(), [&](int id) {
    return std::find(right.begin(), right.end(), id) != right.end();
  });
}

// How far two skeletons may be apart for spans of n and m tokens to be judged at all. Words
// written together or apart sound the same, so there it is less than for word by word.
int allowance(int left, int right, int n, int m) {
  const int longest = std::max(left, right);
  if (n == 0 || m == 0) return 0;
  return n + m > 2 ? longest / 4 : std::max(1, longest / 3);
}

std::uint32_t letters(const std::string &skeleton) {
  std::uint32_t set = 0;
  for (const char letter : skeleton) set |= 1u << (letter & 31);
  return set;
}

bool more_bits_than(std::uint32_t bits, int limit) {
  for (; limit > 0 && bits != 0; --limit) bits &= bits - 1;
  return bits != 0;
}

// One side of the alignment: its tokens and all their spans.
struct Sentence {
  std::vector<int> tokens;
  std::string skeleton;
  std::array<std::vector<Span>, kMaxSpan + 1> spans; // by size; size 0 is the empty span

  int size() const { return static_cast<int>(tokens.size()); }
};

class Kernel {
public:
  Kernel(py::function judge, py::function sketch)
      : judge_(std::move(judge)), sketch_(std::move(sketch)) {}

  // The steps of the best alignment without its hits, one after the other in a flat tuple:
  // operation, reference start, reference end, hypothesis start, hypothesis end, raw errors,
  // verdict or None. One object per utterance is easy on the garbage collector.
  py::tuple align(const py::list &reference, const py::list &hypothesis) {
    if (sketches_.size() > kMaxTokens || judged_.size() + joined_.size() > kMaxPairs) forget();
    read(reference_, reference);
    read(hypothesis_, hypothesis);
    int band = kFirstBand + std::abs(reference_.size() - hypothesis_.size());
    do {
      while (!search(band)) band *= 2;
    } while (!confirm());
    return steps();
  }

private:
  void read(Sentence &sentence, const py::list &words) {
    sentence.tokens.clear();
    sentence.skeleton.clear();
    for (const py::handle word : words) {
      sentence.tokens.push_back(intern(word));
      sentence.skeleton += sketches_[sentence.tokens.back()].skeleton;
    }
    const int size = sentence.size();
    const char *skeleton = sentence.skeleton.data();
    sentence.spans[0].assign(size + 1, {});
    for (int start = 0; start < size; ++start) {
      sentence.spans[0][start].skeleton = skeleton;
      skeleton += sketches_[sentence.tokens[start]].skeleton.size();
    }
    for (int width = 1; width <= kMaxSpan; ++width) {
      sentence.spans[width].clear();
      for (int start = 0; start + width <= size; ++start)
        sentence.spans[width].push_back(
            extend(sentence.spans[width - 1][start], sentence.tokens[start + width - 1], width));
    }
  }

  Span extend(const Span &span, int token, int width) const {
    const Sketch &sketch = sketches_[token];
    const bool concept_here =
        width == 1 ? !sketch.concepts.empty() || sketch.joins
                   : span.concept_ && sketch.joins;
    return {span.key << 21 | static_cast<std::uint64_t>(token + 1), span.skeleton,
            span.length + static_cast<int>(sketch.skeleton.size()), span.letters | letters_[token],
            concept_here};
  }

  int intern(const py::handle &word) {
    PyObject *known = PyDict_GetItemWithError(ids_.ptr(), word.ptr());
    if (known != nullptr) return static_cast<int>(PyLong_AsLong(known));
    if (PyErr_Occurred()) throw py::error_already_set();
    const int id = static_cast<int>(sketches_.size());
    const py::str text = py::reinterpret_borrow<py::str>(word);
    sketches_.push_back(ask_sketch(text));
    letters_.push_back(letters(sketches_.back().skeleton));
    texts_.push_back(text);
    ids_[word] = py::int_(id);
    return id;
  }

  Sketch ask_sketch(const py::str &text) {
    const py::object answer = sketch_(text);
    return {answer.attr("skeleton").cast<std::string>(),
            answer.attr("concepts").cast<std::vector<int>>(), answer.attr("joins").cast<bool>()};
  }

  // Fill the band and say whether the best path in it is the best of all.
  bool search(int band) {
    const int rows = reference_.size(), columns = hypothesis_.size();
    band_ = std::min(band, std::max(rows, columns));
    width_ = 2 * band_ + 1;
    path_.resize(static_cast<std::size_t>(rows + 1) * width_);
    for (auto &line : costs_) line.assign(width_, kUnreached);
    Cost outside = kUnreached; // the cheapest way to the edge of the band
    for (int row = 0; row <= rows; ++row) {
      auto &line = costs_[row & kMaxSpan];
      const int first = std::max(0, row - band_), last = std::min(columns, row + band_);
      std::fill(line.begin(), line.end(), kUnreached);
      for (int column = first; column <= last; ++column) line[column - row + band_] = enter(row, column);
      if (first > 0) outside = std::min(outside, line[0]);
      if (last < columns) outside = std::min(outside, line[width_ - 1]);
    }
    return cost(rows, columns) <= outside;
  }

  // Only for cells that a step may come from: row and column are not negative.
  Cost cost(int row, int column) const {
    const int place = column - row + band_;
    if (place < 0 || place >= width_) return kUnreached;
    return costs_[row & kMaxSpan][place];
  }

  Step &step(int row, int column) {
    return path_[static_cast<std::size_t>(row) * width_ + (column - row + band_)];
  }

  // The cheapest way into a cell, over all steps that end there.
  Cost enter(int row, int column) {
    if (row + column == 0) return 0;
    Cost best = kUnreached;
    const auto offer = [&](Cost before, Cost added, int n, int m, bool forgives) {
      if (before + added >= best) return;
      best = before + added;
      step(row, column) = {static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(m), forgives};
    };
    unpaired(row, column, 1, 0, offer);
    unpaired(row, column, 0, 1, offer);
    if (row > 0 && column > 0) {
      if (reference_.tokens[row - 1] == hypothesis_.tokens[column - 1]) {
        offer(cost(row - 1, column - 1), 0, 1, 1, false);
      } else {
        const Cost before = cost(row - 1, column - 1);
        if (may_join(row, column, 1, 1)) offer(before, kRaw, 1, 1, true);
        else if (before + kModeling < best)
          offer(before, kModeling + kRaw + unlike(row, column), 1, 1, false);
        const int height = std::min(kMaxSpan, row), width = std::min(kMaxSpan, column);
        for (int n = 1; n <= height; ++n)
          for (int m = n == 1 ? 2 : 1; m <= width; ++m) {
            const Cost earlier = cost(row - n, column - m);
            if (earlier + kRaw < best && may_join_wide(row, column, n, m))
              offer(earlier, kRaw * raw_errors(row - n, column - m, n, m), n, m, true);
          }
      }
    }
    return best;
  }

  // A token without a partner is an error, unless the judge lets it go (lone punctuation).
  template <typename Offer> void unpaired(int row, int column, int n, int m, const Offer &offer) {
    if (row < n || column < m) return;
    const bool forgives = may_join(row, column, n, m);
    const Cost added = forgives ? kRaw : kModeling + kRaw + kUnlikest / 2;
    offer(cost(row - n, column - m), added, n, m, forgives);
  }

  // A wide span that begins or ends with equal tokens is not one step but several.
  bool may_join_wide(int row, int column, int n, int m) {
    return reference_.tokens[row - n] != hypothesis_.tokens[column - m] && may_join(row, column, n, m);
  }

  bool may_join(int row, int column, int n, int m) {
    const Span &left = reference_.spans[n][row - n], &right = hypothesis_.spans[m][column - m];
    if (!alike(left, right, n, m) && !share_concept(row, column, n, m)) return false;
    const auto found = judged_.find({left.key, right.key});
    return found == judged_.end() || found->second.answer != Answer::kDifferent;
  }

  static bool alike(const Span &left, const Span &right, int n, int m) {
    const int limit = allowance(left.length, right.length, n, m);
    // An edit changes at most two members of the set of letters.
    return std::abs(left.length - right.length) <= limit &&
           !more_bits_than(left.letters ^ right.letters, 2 * limit) &&
           within(left.skeleton, left.length, right.skeleton, right.length, limit);
  }

  bool share_concept(int row, int column, int n, int m) {
    if (!reference_.spans[n][row - n].concept_ || !hypothesis_.spans[m][column - m].concept_)
      return false;
    return intersect(concepts(reference_, row - n, n), concepts(hypothesis_, column - m, m));
  }

  const std::vector<int> &concepts(const Sentence &sentence, int start, int size) {
    if (size == 1) return sketches_[sentence.tokens[start]].concepts;
    const std::uint64_t key = sentence.spans[size][start].key;
    const auto found = joined_.find(key);
    if (found != joined_.end()) return found->second;
    return joined_.emplace(key, ask_sketch(text(sentence, start, size)).concepts).first->second;
  }

  py::str text(const Sentence &sentence, int start, int size) const {
    if (size == 1) return texts_[sentence.tokens[start]];
    std::string joined;
    for (int k = 0; k < size; ++k) {
      if (k > 0) joined += ' ';
      joined += texts_[sentence.tokens[start + k]].cast<std::string>();
    }
    return py::str(joined);
  }

  // Edit distance of two spans by equality of tokens: what a raw alignment would count there.
  int raw_errors(int row, int column, int n, int m) const {
    std::array<std::array<int, kMaxSpan + 1>, kMaxSpan + 1> cost{};
    for (int i = 0; i <= n; ++i)
      for (int j = 0; j <= m; ++j) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        const bool change = reference_.tokens[row + i - 1] != hypothesis_.tokens[column + j - 1];
        cost[i][j] =
            std::min({cost[i - 1][j - 1] + change, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      }
    return cost[n][m];
  }

  // 0 for words with the same letters in their skeletons, up to kUnlikest for none in common.
  Cost unlike(int row, int column) const {
    const std::uint32_t left = reference_.spans[1][row - 1].letters;
    const std::uint32_t right = hypothesis_.spans[1][column - 1].letters;
    const int all = __builtin_popcount(left | right);
    return all == 0 ? 0 : kUnlikest * __builtin_popcount(left ^ right) / all;
  }

  // Ask the judge about every pair that the best path relies on; false if it refuses one.
  bool confirm() {
    bool confirmed = true;
    for (int row = reference_.size(), column = hypothesis_.size(); row + column > 0;) {
      const Step taken = step(row, column);
      if (taken.forgives) confirmed = ask(row, column, taken.rows, taken.columns) && confirmed;
      row -= taken.rows;
      column -= taken.columns;
    }
    return confirmed;
  }

  bool ask(int row, int column, int n, int m) {
    const Span &left = reference_.spans[n][row - n], &right = hypothesis_.spans[m][column - m];
    Judged &pair = judged_[{left.key, right.key}];
    if (pair.answer != Answer::kOpen) return true;
    const py::object verdict = judge_(n == 0 ? py::str("") : text(reference_, row - n, n),
                                      m == 0 ? py::str("") : text(hypothesis_, column - m, m));
    const bool joined = verdict.attr("verdict").cast<std::string>() != "modeling";
    pair.answer = joined ? Answer::kRendering : Answer::kDifferent;
    pair.verdict = static_cast<int>(verdicts_.size());
    verdicts_.push_back(verdict);
    return joined;
  }

  py::tuple steps() {
    struct Taken {
      Step step;
      int row, column;
    };
    std::vector<Taken> backwards;
    for (int row = reference_.size(), column = hypothesis_.size(); row + column > 0;) {
      const Step taken = step(row, column);
      if (name(taken, row, column) != kHit) backwards.push_back({taken, row, column});
      row -= taken.rows;
      column -= taken.columns;
    }
    py::tuple flat(kFields * backwards.size());
    std::size_t field = 0;
    for (auto each = backwards.rbegin(); each != backwards.rend(); ++each) {
      const auto [taken, row, column] = *each;
      const int above = row - taken.rows, left = column - taken.columns;
      const int errors = taken.rows * taken.columns > 1
                             ? raw_errors(above, left, taken.rows, taken.columns)
                             : 1;
      for (const int number : {static_cast<int>(name(taken, row, column)), above, row, left, column, errors})
        flat[field++] = number;
      flat[field++] = verdict(taken, row, column);
    }
    return flat;
  }

  Operation name(Step taken, int row, int column) const {
    if (taken.forgives) return kRendering;
    if (taken.columns == 0) return kDeletion;
    if (taken.rows == 0) return kInsertion;
    return reference_.tokens[row - 1] == hypothesis_.tokens[column - 1] ? kHit : kSubstitution;
  }

  // What the judge said of a pair, if it was asked.
  py::object verdict(Step taken, int row, int column) {
    if (!taken.forgives && taken.rows * taken.columns == 0) return py::none();
    const Span &left = reference_.spans[taken.rows][row - taken.rows];
    const Span &right = hypothesis_.spans[taken.columns][column - taken.columns];
    const auto found = judged_.find({left.key, right.key});
    if (found == judged_.end() || found->second.verdict < 0) return py::none();
    return verdicts_[found->second.verdict];
  }

  void forget() {
    ids_.clear();
    texts_.clear();
    sketches_.clear();
    letters_.clear();
    joined_.clear();
    judged_.clear();
    verdicts_.clear();
  }

  py::function judge_, sketch_;

  // What is known of tokens, the concepts of spans of several tokens, and pairs of spans.
  py::dict ids_;
  std::vector<py::str> texts_;
  std::vector<Sketch> sketches_;
  std::vector<std::uint32_t> letters_;
  std::unordered_map<std::uint64_t, std::vector<int>> joined_;
  std::unordered_map<PairKey, Judged, PairHash> judged_;
  std::vector<py::object> verdicts_;

  // The alignment at hand. Cells lie in rows of the band; costs are kept as far back as a step
  // may reach.
  Sentence reference_, hypothesis_;
  int band_ = 0, width_ = 0;
  std::array<std::vector<Cost>, kMaxSpan + 1> costs_;
  std::vector<Step> path_;
};

} // namespace

PYBIND11_MODULE(_align, module) {
  module.doc() = "Cheapest paths with n:m renderings; see cswitch.align.";
  py::class_<Kernel>(module, "Kernel")
      .def(py::init<py::function, py::function>(), py::arg("judge"), py::arg("sketch"))
      .def("align", &Kernel::align, py::arg("reference"), py::arg("hypothesis"));
}
