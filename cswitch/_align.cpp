// The aligner's inner loop: a shortest path over reference × hypothesis whose steps are hits,
// renderings of up to three tokens on each side, and modeling errors.
//
// Costs are compared in this order: modeling errors, then raw errors, then how unlike the
// substituted words sound. The last one only makes equal alignments deterministic and readable.
// Cells are visited in order of cost, so a pair of words is judged only if a path that is
// still cheap enough passes it: about one word to each side of the diagonal per error.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

namespace py = pybind11;

namespace {

constexpr int kMaxSpan = 3;
constexpr std::size_t kMaxTokens = 1u << 20;   // a span key packs three ids of 21 bits
constexpr std::size_t kMaxVerdicts = 1u << 22; // caches are emptied beyond these sizes

enum Operation { kHit, kRendering, kSubstitution, kDeletion, kInsertion };

struct Sketch {
  std::string skeleton;
  std::vector<int> concepts;
  bool joins = false;
};

struct Span {
  std::uint64_t key = 0;
  int size = 0;
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

// What is known of a pair of spans: an index into the verdicts, or that they are unrelated.
struct Judged {
  bool rendering = false;
  int verdict = -1;
};

struct Cost {
  std::uint32_t modeling = 0, raw = 0, unlike = 0;
  bool operator<(const Cost &other) const {
    if (modeling != other.modeling) return modeling < other.modeling;
    if (raw != other.raw) return raw < other.raw;
    return unlike < other.unlike;
  }
  Cost operator+(const Cost &other) const {
    return {modeling + other.modeling, raw + other.raw, unlike + other.unlike};
  }
};

struct Step {
  Operation operation = kHit;
  std::uint8_t rows = 0, columns = 0;
  std::uint32_t errors = 0;
  int verdict = -1;
};

struct Cell {
  Cost cost;
  Step step;
  bool done = false;
};

struct Entry {
  Cost cost;
  int row, column;
  // The queue gives the largest entry first: the cheapest, then the furthest, then the topmost.
  bool operator<(const Entry &other) const {
    if (other.cost < cost) return true;
    if (cost < other.cost) return false;
    const int here = row + column, there = other.row + other.column;
    return here != there ? here < there : row > other.row;
  }
};

int edit_distance(const std::string &left, const std::string &right, int limit) {
  const int rows = static_cast<int>(left.size()), columns = static_cast<int>(right.size());
  if (std::abs(rows - columns) > limit) return limit + 1;
  std::array<int, 256> buffer;
  std::vector<int> heap;
  int *line = buffer.data();
  if (columns >= 256) {
    heap.resize(columns + 1);
    line = heap.data();
  }
  for (int column = 0; column <= columns; ++column) line[column] = column;
  for (int row = 1; row <= rows; ++row) {
    int diagonal = line[0], best = line[0] = row;
    for (int column = 1; column <= columns; ++column) {
      const int above = line[column];
      const int change = diagonal + (left[row - 1] != right[column - 1]);
      line[column] = std::min({change, above + 1, line[column - 1] + 1});
      best = std::min(best, line[column]);
      diagonal = above;
    }
    if (best > limit) return limit + 1;
  }
  return line[columns];
}

bool intersect(const std::vector<int> &left, const std::vector<int> &right) {
  for (const int concept_id : left)
    if (std::find(right.begin(), right.end(), concept_id) != right.end()) return true;
  return false;
}

bool plausible(const Sketch &left, const Sketch &right) {
  if (intersect(left.concepts, right.concepts)) return true;
  const int longest = static_cast<int>(std::max(left.skeleton.size(), right.skeleton.size()));
  const int limit = std::max(1, longest / 3);
  return edit_distance(left.skeleton, right.skeleton, limit) <= limit;
}

class Kernel {
public:
  Kernel(py::function judge, py::function sketch)
      : judge_(std::move(judge)), sketch_(std::move(sketch)) {}

  // The steps of the best alignment without its hits, as tuples (operation, reference start,
  // reference end, hypothesis start, hypothesis end, raw errors, verdict or None).
  py::list align(const py::list &reference, const py::list &hypothesis) {
    if (ids_.size() > kMaxTokens || judged_.size() > kMaxVerdicts) forget();
    reference_ = intern(reference);
    hypothesis_ = intern(hypothesis);
    search();
    return trace();
  }

private:
  std::vector<int> intern(const py::list &tokens) {
    std::vector<int> result;
    result.reserve(tokens.size());
    for (const py::handle token : tokens) {
      PyObject *known = PyDict_GetItemWithError(ids_.ptr(), token.ptr());
      if (known == nullptr) {
        if (PyErr_Occurred()) throw py::error_already_set();
        const int id = static_cast<int>(sketches_.size());
        ids_[token] = py::int_(id);
        texts_.push_back(py::reinterpret_borrow<py::str>(token));
        sketches_.push_back(ask_sketch(texts_.back()));
        result.push_back(id);
      } else {
        result.push_back(static_cast<int>(PyLong_AsLong(known)));
      }
    }
    return result;
  }

  Sketch ask_sketch(const py::str &text) {
    const py::object answer = sketch_(text);
    return {answer.attr("skeleton").cast<std::string>(),
            answer.attr("concepts").cast<std::vector<int>>(), answer.attr("joins").cast<bool>()};
  }

  void search() {
    rows_ = static_cast<int>(reference_.size());
    columns_ = static_cast<int>(hypothesis_.size());
    cells_.clear();
    queue_ = {};
    reach(0, 0, {}, {});
    while (!queue_.empty()) {
      const Entry entry = queue_.top();
      queue_.pop();
      Cell &cell = cells_[at(entry.row, entry.column)];
      if (cell.done) continue;
      cell.done = true;
      if (entry.row == rows_ && entry.column == columns_) return;
      expand(entry.row, entry.column, entry.cost);
    }
  }

  void expand(int row, int column, const Cost &cost) {
    const bool down = row < rows_, right = column < columns_;
    if (down) unpaired(row, column, 1, 0, kDeletion, cost);
    if (right) unpaired(row, column, 0, 1, kInsertion, cost);
    if (!down || !right) return;
    if (reference_[row] == hypothesis_[column]) {
      reach(row + 1, column + 1, cost, {kHit, 1, 1, 0, -1});
    } else {
      const Judged &found = judged(span(reference_, row, 1), span(hypothesis_, column, 1), row, column);
      const Step step{found.rendering ? kRendering : kSubstitution, 1, 1, 1, found.verdict};
      const Cost added = found.rendering ? Cost{0, 1, 0} : Cost{1, 1, unlike(row, column)};
      reach(row + 1, column + 1, cost + added, step);
    }
    const int height = std::min(kMaxSpan, rows_ - row), width = std::min(kMaxSpan, columns_ - column);
    for (int n = 1; n <= height; ++n)
      for (int m = 1; m <= width; ++m)
        if (n + m > 2) wide(row, column, n, m, cost);
  }

  // A token without a partner is an error, unless it is nothing but punctuation.
  void unpaired(int row, int column, int n, int m, Operation operation, const Cost &cost) {
    const Judged &found =
        judged(span(reference_, row, n), span(hypothesis_, column, m), row, column);
    const Operation chosen = found.rendering ? kRendering : operation;
    const int verdict = found.rendering ? found.verdict : -1;
    const Cost added = found.rendering ? Cost{0, 1, 0} : Cost{1, 1, 4};
    reach(row + n, column + m, cost + added,
          {chosen, static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(m), 1, verdict});
  }

  void wide(int row, int column, int n, int m, const Cost &cost) {
    // A span that begins or ends with equal tokens is not one step but several.
    if (reference_[row] == hypothesis_[column]) return;
    if (reference_[row + n - 1] == hypothesis_[column + m - 1]) return;
    const Judged &found =
        judged(span(reference_, row, n), span(hypothesis_, column, m), row, column);
    if (!found.rendering) return;
    const std::uint32_t errors = raw_errors(row, column, n, m);
    reach(row + n, column + m, cost + Cost{0, errors, 0},
          {kRendering, static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(m), errors,
           found.verdict});
  }

  void reach(int row, int column, const Cost &cost, const Step &step) {
    Cell &cell = cells_[at(row, column)];
    const bool fresh = cell.step.rows + cell.step.columns == 0 && row + column > 0;
    if (!fresh && !(cost < cell.cost) && row + column > 0) return;
    if (cell.done) return;
    cell.cost = cost;
    cell.step = step;
    queue_.push({cost, row, column});
  }

  // Edit distance of two spans by equality of tokens: what a raw alignment would count there.
  std::uint32_t raw_errors(int row, int column, int n, int m) const {
    std::array<std::array<std::uint32_t, kMaxSpan + 1>, kMaxSpan + 1> cost{};
    for (int i = 0; i <= n; ++i)
      for (int j = 0; j <= m; ++j) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        const bool change = reference_[row + i - 1] != hypothesis_[column + j - 1];
        cost[i][j] =
            std::min({cost[i - 1][j - 1] + change, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      }
    return cost[n][m];
  }

  std::uint32_t unlike(int row, int column) const {
    const std::string &left = sketches_[reference_[row]].skeleton;
    const std::string &right = sketches_[hypothesis_[column]].skeleton;
    const int longest = static_cast<int>(std::max({left.size(), right.size(), std::size_t{1}}));
    return 8 * edit_distance(left, right, longest) / longest;
  }

  static Span span(const std::vector<int> &ids, int start, int size) {
    Span result{0, size};
    for (int k = 0; k < size; ++k)
      result.key = result.key << 21 | static_cast<std::uint64_t>(ids[start + k] + 1);
    return result;
  }

  const Judged &judged(const Span &reference, const Span &hypothesis, int row, int column) {
    const PairKey key{reference.key, hypothesis.key};
    const auto found = judged_.find(key);
    if (found != judged_.end()) return found->second;
    Judged answer;
    if (plausible(sketch(reference_, row, reference), sketch(hypothesis_, column, hypothesis))) {
      const py::object verdict = judge_(text(reference_, row, reference.size),
                                        text(hypothesis_, column, hypothesis.size));
      answer.rendering = verdict.attr("verdict").cast<std::string>() != "modeling";
      answer.verdict = static_cast<int>(verdicts_.size());
      verdicts_.push_back(verdict);
    }
    return judged_.emplace(key, answer).first->second;
  }

  const Sketch &sketch(const std::vector<int> &ids, int start, const Span &part) {
    if (part.size == 1) return sketches_[ids[start]];
    const auto found = joined_.find(part.key);
    if (found != joined_.end()) return found->second;
    Sketch joined;
    bool joins = part.size > 1;
    for (int k = 0; k < part.size; ++k) {
      joined.skeleton += sketches_[ids[start + k]].skeleton;
      joins = joins && sketches_[ids[start + k]].joins;
    }
    if (joins) joined = ask_sketch(text(ids, start, part.size));
    return joined_.emplace(part.key, std::move(joined)).first->second;
  }

  py::str text(const std::vector<int> &ids, int start, int size) const {
    if (size == 1) return texts_[ids[start]];
    std::string joined;
    for (int k = 0; k < size; ++k) {
      if (k > 0) joined += ' ';
      joined += texts_[ids[start + k]].cast<std::string>();
    }
    return py::str(joined);
  }

  py::list trace() {
    std::vector<py::tuple> backwards;
    int row = rows_, column = columns_;
    while (row + column > 0) {
      const Step &step = cells_[at(row, column)].step;
      const int above = row - step.rows, left = column - step.columns;
      if (step.operation != kHit) {
        const py::object verdict =
            step.verdict < 0 ? py::object(py::none()) : verdicts_[step.verdict];
        backwards.push_back(py::make_tuple(static_cast<int>(step.operation), above, row, left,
                                           column, step.errors, verdict));
      }
      row = above;
      column = left;
    }
    py::list steps;
    for (auto step = backwards.rbegin(); step != backwards.rend(); ++step) steps.append(*step);
    return steps;
  }

  void forget() {
    ids_.clear();
    texts_.clear();
    sketches_.clear();
    joined_.clear();
    judged_.clear();
    verdicts_.clear();
  }

  std::uint64_t at(int row, int column) const {
    return static_cast<std::uint64_t>(row) * (columns_ + 1) + column;
  }

  py::function judge_, sketch_;
  py::dict ids_;
  std::vector<py::str> texts_;
  std::vector<Sketch> sketches_;
  std::unordered_map<std::uint64_t, Sketch> joined_;
  std::unordered_map<PairKey, Judged, PairHash> judged_;
  std::vector<py::object> verdicts_;

  std::vector<int> reference_, hypothesis_;
  int rows_ = 0, columns_ = 0;
  std::unordered_map<std::uint64_t, Cell> cells_;
  std::priority_queue<Entry> queue_;
};

} // namespace

PYBIND11_MODULE(_align, module) {
  module.doc() = "Shortest-path alignment with n:m renderings; see cswitch.align.";
  py::class_<Kernel>(module, "Kernel")
      .def(py::init<py::function, py::function>(), py::arg("judge"), py::arg("sketch"))
      .def("align", &Kernel::align, py::arg("reference"), py::arg("hypothesis"));
}
