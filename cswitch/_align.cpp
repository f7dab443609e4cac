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
// The raw alignment comes first. It is itself a path, so the best one costs at most as much, and
// only cells that are reached within this limit are computed (Ukkonen 1985). When the path has to
// be sought again, a search from the end finds what is left to pay from each cell at least; what
// would go beyond the limit by that is left out, too (Hart, Nilsson and Raphael 1968).

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
constexpr int kMaxWords = 1 << 17; // of an utterance: its costs fit into their bits
constexpr int kMany = 50; // modeling errors, from which searching backward first pays
constexpr int kHead = 8, kFields = 7; // of an alignment and of a step, as they are returned

// What is remembered is forgotten beyond these sizes. A span key packs three tokens of 21 bits.
constexpr std::size_t kMaxTokens = 1u << 18, kMaxPairs = 1u << 17;

enum Operation { kHit, kRendering, kSubstitution, kDeletion, kInsertion };

// Modeling errors, raw errors and unlikeness in 20 bits each, most important first. The last
// four bits are free for the step that led to a cell, so that the least number is the best step.
using Cost = std::uint64_t;
constexpr Cost kModeling = Cost{1} << 44, kRaw = Cost{1} << 24, kUnlike = Cost{1} << 4;
constexpr Cost kStepBits = kUnlike - 1;
constexpr Cost kUnreached = std::numeric_limits<Cost>::max() / 2;
constexpr int kFar = 1 << 19; // more modeling errors than there may be
constexpr int kUnlikest = 8; // of a substitution; a word without a partner is half of that
constexpr Cost kWorst = kModeling + kRaw + kUnlikest * kUnlike; // of substitutions
constexpr Cost kAlone = kModeling + kRaw + kUnlikest / 2 * kUnlike;

// How many tokens a step takes on each side, and whether it forgives.
struct Step {
  int rows, columns;
  bool forgives;
};

// All steps, the one to prefer among equals first.
constexpr Step kSteps[] = {{1, 0, false}, {1, 0, true}, {0, 1, false}, {0, 1, true}, {1, 1, false},
                           {1, 1, true},  {1, 2, true}, {1, 3, true},  {2, 1, true}, {2, 2, true},
                           {2, 3, true},  {3, 1, true}, {3, 2, true},  {3, 3, true}};
enum StepCode { kDelete = 0, kInsert = 2, kPair = 4, kFirstWide = 6, kStepCodes = 14 };
// Neither the first nor the last tokens of a wide step are equal, so it has two raw errors at least.
constexpr Cost kLeastWide = 2 * kRaw;

// Ids of entries and numbers that a text may stand for, and a bit for each, or for several.
struct Concepts {
  std::vector<int> ids;
  std::uint64_t bits = 0;

  bool intersect(const Concepts &other) const {
    return (bits & other.bits) != 0 && std::any_of(ids.begin(), ids.end(), [&](int id) {
             return std::find(other.ids.begin(), other.ids.end(), id) != other.ids.end();
           });
  }
};

struct Sketch {
  std::string skeleton;
  Concepts concepts;
  bool joins = false;
  std::uint64_t scripts = 0; // a bit for each
};

enum class Direction { kForward, kBackward };

// Up to three neighbouring tokens of a sentence and their skeleton, one after the other.
struct Span {
  std::uint64_t key = 0;
  const char *skeleton = nullptr;
  int length = 0;            // of the skeleton
  std::uint32_t letters = 0; // which letters the skeleton has
  std::uint64_t scripts = 0; // of its text
  bool concept_ = false;     // may stand for an entry or a number
  const Concepts *concepts = nullptr; // which, once that is known
};

struct PairKey {
  std::uint64_t reference = 0, hypothesis = 0;
  bool operator==(const PairKey &other) const {
    return reference == other.reference && hypothesis == other.hypothesis;
  }
};

enum class Answer : std::uint8_t { kOpen, kRendering, kDifferent };

struct Pair {
  PairKey key;
  Answer answer = Answer::kOpen;
  int verdict = -1; // of those given, if any
};

// Judged pairs by their keys, in one array with open addressing.
class Pairs {
public:
  Pair &operator[](const PairKey &key) {
    if (2 * size_ >= pairs_.size()) grow();
    Pair &pair = pairs_[place(key)];
    size_ += !(pair.key == key);
    pair.key = key;
    return pair;
  }

  // The pair, or a new one that is not kept.
  const Pair &find(const PairKey &key) const { return pairs_[place(key)]; }

  std::size_t size() const { return size_; }

  void clear() {
    pairs_.assign(kLeast, {});
    size_ = 0;
  }

private:
  static constexpr std::size_t kLeast = 1024;

  // Where a key is, or the free place for it. No pair has nothing on both sides.
  std::size_t place(const PairKey &key) const {
    std::uint64_t mixed = key.reference * 0x9E3779B97F4A7C15ull ^ (key.hypothesis + 0x7F4A7C15ull);
    mixed ^= mixed >> 29;
    mixed *= 0xBF58476D1CE4E5B9ull;
    std::size_t place = (mixed >> 32) & (pairs_.size() - 1);
    while (!(pairs_[place].key == key) && !(pairs_[place].key == PairKey{}))
      place = (place + 1) & (pairs_.size() - 1);
    return place;
  }

  void grow() {
    std::vector<Pair> old(2 * pairs_.size());
    old.swap(pairs_);
    for (const Pair &pair : old)
      if (!(pair.key == PairKey{})) pairs_[place(pair.key)] = pair;
  }

  std::vector<Pair> pairs_ = std::vector<Pair>(kLeast);
  std::size_t size_ = 0;
};

// Whether the edit distance is within a limit. Skeletons are as short as words, so the
// bit-parallel algorithm of Hyyrö (2003) needs one machine word; longer ones do not match.
bool within(const char *left, int rows, const char *right, int columns, int limit) {
  if (std::abs(rows - columns) > limit) return false;
  while (rows > 0 && columns > 0 && *left == *right) ++left, ++right, --rows, --columns;
  while (rows > 0 && columns > 0 && left[rows - 1] == right[columns - 1]) --rows, --columns;
  if (std::max(rows, columns) <= limit) return true;
  if (limit <= 1 || rows == 0 || rows > 64) return false;
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

// Without branches or a library call, as it is asked most often of all.
int bits(std::uint32_t set) {
  set -= set >> 1 & 0x55555555u;
  set = (set & 0x33333333u) + (set >> 2 & 0x33333333u);
  return static_cast<int>(((set + (set >> 4)) & 0x0F0F0F0Fu) * 0x01010101u >> 24);
}

// One side of the alignment: its tokens and all their spans.
struct Sentence {
  std::vector<int> tokens;
  std::string skeleton;
  std::array<std::vector<Span>, kMaxSpan + 1> spans; // by size; size 0 is the empty span

  int size() const { return static_cast<int>(tokens.size()); }
};

// The tokens met so far, numbered, with their sketches.
class Vocabulary {
public:
  explicit Vocabulary(py::function sketch) : sketch_(std::move(sketch)) {}

  // Tokens are separated as in cswitch.tokens.split: by a space or by more white space.
  void read(const py::str &line, std::vector<int> &tokens) {
    tokens.clear();
    const Py_ssize_t length = PyUnicode_GET_LENGTH(line.ptr());
    switch (PyUnicode_KIND(line.ptr())) {
    case PyUnicode_1BYTE_KIND: return split(PyUnicode_1BYTE_DATA(line.ptr()), length, tokens);
    case PyUnicode_2BYTE_KIND: return split(PyUnicode_2BYTE_DATA(line.ptr()), length, tokens);
    default: return split(PyUnicode_4BYTE_DATA(line.ptr()), length, tokens);
    }
  }

  int number(const py::str &word) {
    const Py_ssize_t length = PyUnicode_GET_LENGTH(word.ptr());
    switch (PyUnicode_KIND(word.ptr())) {
    case PyUnicode_1BYTE_KIND: return find(PyUnicode_1BYTE_DATA(word.ptr()), length);
    case PyUnicode_2BYTE_KIND: return find(PyUnicode_2BYTE_DATA(word.ptr()), length);
    default: return find(PyUnicode_4BYTE_DATA(word.ptr()), length);
    }
  }

  const py::str &text(int token) const { return entries_[token].text; }
  const Sketch &sketch(int token) const { return entries_[token].sketch; }
  std::uint32_t letters(int token) const { return entries_[token].letters; }
  std::size_t size() const { return entries_.size(); }

  Sketch ask(const py::str &text) const {
    const py::object answer = sketch_(text);
    Concepts concepts{answer.attr("concepts").cast<std::vector<int>>()};
    for (const int id : concepts.ids) concepts.bits |= std::uint64_t{1} << (id & 63);
    return {answer.attr("skeleton").cast<std::string>(), std::move(concepts),
            answer.attr("joins").cast<bool>(), answer.attr("scripts").cast<std::uint64_t>()};
  }

  void clear() {
    entries_.clear();
    places_.assign(kLeast, kFree);
  }

private:
  static constexpr std::size_t kLeast = 1024;
  static constexpr int kFree = -1;

  struct Entry {
    std::uint64_t hash;
    std::u32string characters;
    py::str text;
    Sketch sketch;
    std::uint32_t letters;
  };

  template <typename Char>
  void split(const Char *line, Py_ssize_t length, std::vector<int> &tokens) {
    const auto space = [](Char character) {
      // Between the no-break space and the Ogham one, U+1680, there is no white space.
      const bool letter = (character > ' ' && character <= '~') ||
                          (character > 0xA0 && character < 0x1680);
      return !letter && Py_UNICODE_ISSPACE(character);
    };
    for (Py_ssize_t start = 0; start < length;) {
      if (space(line[start])) {
        ++start;
        continue;
      }
      Py_ssize_t end = start + 1;
      // A lone tab or no-break space does not end a token.
      while (end < length && (!space(line[end]) || (line[end] != ' ' && end + 1 < length &&
                                                    !space(line[end + 1]))))
        ++end;
      tokens.push_back(find(line + start, end - start));
      start = end;
    }
  }

  template <typename Char> int find(const Char *word, Py_ssize_t length) {
    std::uint64_t hash = 0xCBF29CE484222325ull; // FNV-1a, by characters
    for (Py_ssize_t k = 0; k < length; ++k) hash = (hash ^ word[k]) * 0x100000001B3ull;
    hash ^= hash >> 32;
    std::size_t place = hash & (places_.size() - 1);
    for (; places_[place] != kFree; place = (place + 1) & (places_.size() - 1)) {
      const Entry &entry = entries_[places_[place]];
      if (entry.hash == hash && entry.characters.size() == static_cast<std::size_t>(length) &&
          std::equal(word, word + length, entry.characters.begin(),
                     [](Char left, char32_t right) { return left == right; }))
        return places_[place];
    }
    return add(hash, std::u32string(word, word + length));
  }

  int add(std::uint64_t hash, std::u32string characters) {
    const auto text = py::reinterpret_steal<py::str>(PyUnicode_FromKindAndData(
        PyUnicode_4BYTE_KIND, characters.data(), static_cast<Py_ssize_t>(characters.size())));
    Sketch sketch = ask(text);
    const std::uint32_t set = ::letters(sketch.skeleton);
    entries_.push_back({hash, std::move(characters), text, std::move(sketch), set});
    if (2 * entries_.size() > places_.size()) {
      places_.assign(2 * places_.size(), kFree);
      for (std::size_t token = 0; token < entries_.size(); ++token) put(static_cast<int>(token));
    } else {
      put(static_cast<int>(entries_.size()) - 1);
    }
    return static_cast<int>(entries_.size()) - 1;
  }

  void put(int token) {
    std::size_t place = entries_[token].hash & (places_.size() - 1);
    while (places_[place] != kFree) place = (place + 1) & (places_.size() - 1);
    places_[place] = token;
  }

  py::function sketch_;
  std::vector<Entry> entries_;
  std::vector<int> places_ = std::vector<int>(kLeast, kFree);
};

// A step of a path, where it ends, and how many raw errors it stands for.
struct Taken {
  Step step;
  int row, column, errors;

  int above() const { return row - step.rows; }
  int left() const { return column - step.columns; }
};

// The alignment with the fewest raw errors; of several, the one that rapidfuzz, and so jiwer,
// finds. Only its errors are kept, the last one first.
class RawAlignment {
public:
  std::vector<Taken> errors;
  int substitutions = 0, deletions = 0, insertions = 0;

  void align(const std::vector<int> &reference, const std::vector<int> &hypothesis) {
    errors.clear();
    substitutions = deletions = insertions = 0;
    int rows = static_cast<int>(reference.size()), columns = static_cast<int>(hypothesis.size());
    int first = 0;
    while (first < std::min(rows, columns) && reference[first] == hypothesis[first]) ++first;
    while (std::min(rows, columns) > first && reference[rows - 1] == hypothesis[columns - 1])
      --rows, --columns;
    if (rows - first > kBits) return ask_rapidfuzz(reference, hypothesis);
    fill(reference.data() + first, rows - first, hypothesis.data() + first, columns - first);
    walk(reference, hypothesis, first, rows, columns);
  }

  py::tuple counts() const { return py::make_tuple(substitutions, deletions, insertions); }

private:
  static constexpr int kBits = 64;

  // Which costs rise and fall from one reference token to the next, after each hypothesis token
  // (Hyyrö 2003).
  void fill(const int *reference, int rows, const int *hypothesis, int columns) {
    rises_.resize(columns);
    falls_.resize(columns);
    std::uint64_t up = ~std::uint64_t{0}, down = 0;
    for (int column = 0; column < columns; ++column) {
      std::uint64_t match = 0;
      for (int row = 0; row < rows; ++row)
        match |= std::uint64_t{reference[row] == hypothesis[column]} << row;
      const std::uint64_t diagonal = (((match & up) + up) ^ up) | match | down;
      const std::uint64_t rise = (down | ~(diagonal | up)) << 1 | 1, fall = (up & diagonal) << 1;
      rises_[column] = up = fall | ~(diagonal | rise);
      falls_[column] = down = rise & diagonal;
    }
  }

  void walk(const std::vector<int> &reference, const std::vector<int> &hypothesis, int first,
            int row, int column) {
    while (row > first || column > first) {
      if (column == first || (row > first && rises_[column - first - 1] >> (row - first - 1) & 1)) {
        add(kDelete, row--, column);
      } else if (row == first || (column > first + 1 &&
                                  falls_[column - first - 2] >> (row - first - 1) & 1)) {
        add(kInsert, row, column--);
      } else {
        if (reference[row - 1] != hypothesis[column - 1]) add(kPair, row, column);
        --row, --column;
      }
    }
  }

  void ask_rapidfuzz(const std::vector<int> &reference, const std::vector<int> &hypothesis) {
    const py::object editops =
        py::module_::import("rapidfuzz.distance.Levenshtein").attr("editops");
    const py::list edits = editops(reference, hypothesis).attr("as_list")();
    for (std::size_t k = edits.size(); k-- > 0;) {
      const auto [tag, row, column] = edits[k].cast<std::tuple<std::string, int, int>>();
      if (tag == "delete") add(kDelete, row + 1, column);
      else if (tag == "insert") add(kInsert, row, column + 1);
      else add(kPair, row + 1, column + 1);
    }
  }

  void add(StepCode code, int row, int column) {
    ++(code == kDelete ? deletions : code == kInsert ? insertions : substitutions);
    errors.push_back({kSteps[code], row, column, 1});
  }

  std::vector<std::uint64_t> rises_, falls_; // by hypothesis token; a bit for each reference token
};

// Equal items of two lists get equal numbers.
class Numbering {
public:
  explicit Numbering(std::size_t items) {
    while (places_.size() < 2 * items) places_.resize(2 * places_.size());
  }

  std::vector<int> of(const py::list &items) {
    std::vector<int> numbers;
    numbers.reserve(items.size());
    for (const py::handle item : items) numbers.push_back(find(item));
    return numbers;
  }

private:
  struct Place {
    PyObject *item = nullptr;
    Py_hash_t hash = 0;
    int number = 0;
  };

  int find(const py::handle &item) {
    const Py_hash_t hash = py::hash(item);
    std::size_t place = static_cast<std::size_t>(hash) & (places_.size() - 1);
    for (; places_[place].item != nullptr; place = (place + 1) & (places_.size() - 1))
      if (places_[place].hash == hash && item.equal(py::handle(places_[place].item)))
        return places_[place].number;
    places_[place] = {item.ptr(), hash, ++count_};
    return count_;
  }

  std::vector<Place> places_ = std::vector<Place>(64);
  int count_ = 0;
};

py::tuple raw_counts(const py::list &reference, const py::list &hypothesis) {
  Numbering numbering(reference.size() + hypothesis.size());
  RawAlignment alignment;
  alignment.align(numbering.of(reference), numbering.of(hypothesis));
  return alignment.counts();
}

struct Answered {
  py::object verdict, kind;
};

class Kernel {
public:
  Kernel(py::function judge, py::function sketch)
      : judge_(std::move(judge)), words_(std::move(sketch)) {}

  // One flat tuple, which is easy on the garbage collector: words of the reference;
  // substitutions, deletions and insertions of the raw alignment; the same of the best path;
  // forgiven errors by kind; and for each step of the best path but hits, in order: operation,
  // reference start, reference end, hypothesis start, hypothesis end, raw errors, verdict or None.
  py::tuple align(const py::list &reference, const py::list &hypothesis) {
    forget_if_full();
    number(reference, reference_);
    number(hypothesis, hypothesis_);
    return result(best());
  }

  // The same of two lines, with the raw errors of the steps fitted to those of the raw alignment.
  py::tuple score(const py::str &reference, const py::str &hypothesis) {
    forget_if_full();
    words_.read(reference, reference_.tokens);
    words_.read(hypothesis, hypothesis_.tokens);
    return result(fit(best()));
  }

private:
  // The best path, the last step first, without hits.
  std::vector<Taken> &best() {
    check(reference_);
    check(hypothesis_);
    path_.clear();
    raw_.align(reference_.tokens, hypothesis_.tokens);
    if (raw_.errors.empty()) return path_;
    spread(reference_);
    spread(hypothesis_);
    // Asked about early, the errors of the raw alignment make the limit low from the start.
    for (const Taken &taken : raw_.errors)
      if (may_join(taken.above(), taken.left(), taken.step.rows, taken.step.columns)) ask(taken);
    rest_.clear();
    Cost limit = price(raw_.errors);
    if (limit / kModeling < kMany) {
      seek<Direction::kForward>(limit);
      if (confirm()) return path_;
    }
    seek<Direction::kBackward>(limit);
    for (;;) {
      seek<Direction::kForward>(limit);
      if (confirm()) return path_;
      limit = std::min(limit, price(path_));
    }
  }

  template <Direction direction> void seek(Cost limit) {
    int band = std::max(std::abs(reference_.size() - hypothesis_.size()),
                        static_cast<int>(limit / kModeling)) + 2 * kMaxSpan;
    while (!search<direction>(limit, band)) band *= 2;
    if (direction == Direction::kForward) trace();
  }

  static void check(const Sentence &sentence) {
    if (sentence.size() <= kMaxWords) return;
    const py::object error = py::module_::import("cswitch.errors").attr("InputError");
    const std::string message = "an utterance has more than " + std::to_string(kMaxWords) + " words";
    const py::object raised = error(message, py::arg("remedy") = "Split it where there is a pause");
    PyErr_SetObject(error.ptr(), raised.ptr());
    throw py::error_already_set();
  }

  void number(const py::list &words, Sentence &sentence) {
    sentence.tokens.clear();
    for (const py::handle word : words)
      sentence.tokens.push_back(words_.number(py::reinterpret_borrow<py::str>(word)));
  }

  void spread(Sentence &sentence) const {
    sentence.skeleton.clear();
    for (const int token : sentence.tokens) sentence.skeleton += words_.sketch(token).skeleton;
    const int size = sentence.size();
    const char *skeleton = sentence.skeleton.data();
    sentence.spans[0].assign(size + 1, {});
    for (int start = 0; start < size; ++start) {
      sentence.spans[0][start].skeleton = skeleton;
      skeleton += words_.sketch(sentence.tokens[start]).skeleton.size();
    }
    for (int width = 1; width <= kMaxSpan; ++width) {
      sentence.spans[width].clear();
      for (int start = 0; start + width <= size; ++start)
        sentence.spans[width].push_back(
            extend(sentence.spans[width - 1][start], sentence.tokens[start + width - 1], width));
    }
  }

  Span extend(const Span &span, int token, int width) const {
    const Sketch &sketch = words_.sketch(token);
    const bool concept_here = width == 1 ? !sketch.concepts.ids.empty() || sketch.joins
                                         : span.concept_ && sketch.joins;
    return {span.key << 21 | static_cast<std::uint64_t>(token + 1), span.skeleton,
            span.length + static_cast<int>(sketch.skeleton.size()),
            span.letters | words_.letters(token), span.scripts | sketch.scripts, concept_here,
            width == 1 ? &sketch.concepts : nullptr};
  }

  // What a path costs at most, as far as the judge has forgiven its errors; where it has not,
  // words are substituted one by one. The best path does not cost more.
  Cost price(const std::vector<Taken> &path) const {
    Cost sum = 0;
    for (const Taken &taken : path) {
      const auto [n, m, _] = taken.step;
      if (judged_.find(key(taken)).answer == Answer::kRendering) sum += taken.errors * kRaw;
      else sum += std::abs(n - m) * kAlone + std::min(n, m) * kWorst;
    }
    return sum;
  }

  PairKey key(const Taken &taken) const {
    const auto [n, m, _] = taken.step;
    return {reference_.spans[n][taken.above()].key, hypothesis_.spans[m][taken.left()].key};
  }

  // Searching backward, rows and columns are counted from the end. Where the tokens begin that a
  // step into a place takes:
  template <Direction direction> static int begin(const Sentence &sentence, int place, int tokens) {
    return direction == Direction::kForward ? place - tokens : sentence.size() - place;
  }

  // Costs of the cells of one row that were reached, by distance from the diagonal, with room
  // for the longest step on both sides.
  struct Line {
    std::vector<Cost> costs;
    int first, last; // columns that were reached; none if the first is beyond the last
  };

  // Fill the cells that are reached within the limit; false if the band is too narrow for them.
  template <Direction direction> bool search(Cost limit, int band) {
    const int rows = reference_.size(), columns = hypothesis_.size();
    const bool whole = band >= std::max(rows, columns);
    band_ = band = std::min(band, std::max(rows, columns));
    width_ = 2 * (band + kMaxSpan) + 1;
    if (direction == Direction::kForward) {
      taken_.resize(static_cast<std::size_t>(rows + 1) * width_);
    } else {
      rest_.assign(static_cast<std::size_t>(rows + 1) * width_, kFar);
      rest_band_ = band;
    }
    for (Line &line : lines_) {
      line.costs.assign(width_, kUnreached);
      line.first = columns + 1, line.last = -1;
    }
    for (int row = 0; row <= rows; ++row) {
      Line &line = lines_[row & kMaxSpan];
      std::fill(line.costs.begin(), line.costs.end(), kUnreached);
      int first = columns + 1, last = row == 0 ? 0 : -1;
      for (int back = 1; back <= kMaxSpan; ++back) {
        const Line &before = lines_[(row - back) & kMaxSpan];
        first = std::min(first, before.first + (back > 1));
        if (before.first <= before.last) last = std::max(last, before.last + kMaxSpan);
      }
      first = row == 0 ? 0 : std::max(first, row - band);
      last = std::min({last, columns, row + band});
      line.first = columns + 1, line.last = -1;
      for (int column = first;
           column <= last || (line.last == column - 1 && column <= std::min(columns, row + band));
           ++column) {
        const Cost best = enter<direction>(row, column, limit);
        if (best > (limit | kStepBits)) continue;
        const int place = column - row + band + kMaxSpan;
        const std::size_t cell = static_cast<std::size_t>(row) * width_ + place;
        if (direction == Direction::kBackward) rest_[cell] = static_cast<int>(best / kModeling);
        else if (rest_.empty() || best + rest(row, column) * kModeling <= (limit | kStepBits))
          taken_[cell] = best & kStepBits;
        else continue;
        line.costs[place] = best & ~kStepBits;
        line.first = std::min(line.first, column);
        line.last = column;
      }
      if (!whole && line.first <= line.last &&
          (line.first - row < kMaxSpan - band || line.last - row > band - kMaxSpan))
        return false;
    }
    return true;
  }

  // Modeling errors that are left from a cell to the end, at least.
  Cost rest(int row, int column) const {
    const int rows = reference_.size() - row, columns = hypothesis_.size() - column;
    if (std::abs(columns - rows) > rest_band_) return kFar;
    const int width = 2 * (rest_band_ + kMaxSpan) + 1;
    return rest_[static_cast<std::size_t>(rows) * width + columns - rows + rest_band_ + kMaxSpan];
  }

  // The cheapest way into a cell over all steps that end there, with the step in the last bits.
  template <Direction direction> Cost enter(int row, int column, Cost limit) {
    if (row + column == 0) return 0;
    Cost best = limit + kUnlike; // nothing found
    const Cost *line[kMaxSpan + 1];
    const int place = column - row + band_ + kMaxSpan;
    for (int n = 0; n <= kMaxSpan; ++n) line[n] = lines_[(row - n) & kMaxSpan].costs.data() + place + n;
    const auto offer = [&best](Cost cost, int code) { best = std::min(best, cost | code); };
    const auto above = [&](int n) { return begin<direction>(reference_, row, n); };
    const auto beside = [&](int m) { return begin<direction>(hypothesis_, column, m); };

    // A token without a partner is an error, unless the judge lets it go (lone punctuation, which
    // has no sound).
    if (const Cost before = line[1][0]; before + kRaw < best) {
      const bool forgives =
          reference_.spans[1][above(1)].length == 0 && may_join(above(1), beside(0), 1, 0);
      offer(before + (forgives ? kRaw : kAlone), kDelete + forgives);
    }
    if (const Cost before = line[0][-1]; before + kRaw < best) {
      const bool forgives =
          hypothesis_.spans[1][beside(1)].length == 0 && may_join(above(0), beside(1), 0, 1);
      offer(before + (forgives ? kRaw : kAlone), kInsert + forgives);
    }
    if (row == 0 || column == 0) return best;
    const int left = reference_.tokens[above(1)], right = hypothesis_.tokens[beside(1)];
    const Cost before = line[1][-1];
    if (left == right) {
      offer(before, kPair);
      return best;
    }
    if (before + kRaw < best) {
      if (may_join(above(1), beside(1), 1, 1)) offer(before + kRaw, kPair + 1);
      else if (before + kModeling < best)
        offer(before + kModeling + kRaw + unlike(above(1), beside(1)), kPair);
    }
    const Cost least = std::min({line[1][-2], line[1][-3], line[2][-1], line[2][-2], line[2][-3],
                                 line[3][-1], line[3][-2], line[3][-3]});
    if (least + kLeastWide >= best) return best;
    for (int code = kFirstWide; code < kStepCodes; ++code) {
      const auto [n, m, _] = kSteps[code];
      const Cost earlier = line[n][-m];
      // A wide span that begins or ends with equal tokens is not one step but several.
      if (earlier + kLeastWide < best && may_join(above(n), beside(m), n, m) &&
          reference_.tokens[begin<direction>(reference_, row - n + 1, 1)] !=
              hypothesis_.tokens[begin<direction>(hypothesis_, column - m + 1, 1)])
        offer(earlier + kRaw * raw_errors(above(n), beside(m), n, m), code);
    }
    return best;
  }

  // Whether the judge might join two spans, or has joined them. Only what is judged is kept: most
  // pairs of wide spans are met once.
  bool may_join(int row, int column, int n, int m) {
    const Span &left = reference_.spans[n][row], &right = hypothesis_.spans[m][column];
    const bool known_to_differ = n + m > 2 && mixed_up(left.scripts, right.scripts);
    if ((known_to_differ || !alike(left, right, n, m)) && !share_concept(row, column, n, m))
      return false;
    return judged_.find({left.key, right.key}).answer != Answer::kDifferent;
  }

  // Whether one side has several scripts and the other has not the same. Sounds are compared of
  // texts of one script, and equal texts have equal scripts.
  static bool mixed_up(std::uint64_t left, std::uint64_t right) {
    return left != right && ((left & (left - 1)) | (right & (right - 1))) != 0;
  }

  static bool alike(const Span &left, const Span &right, int n, int m) {
    const int limit = allowance(left.length, right.length, n, m);
    // Each edit changes at most two members of the set of letters.
    const bool near = (std::abs(left.length - right.length) <= limit) &
                      (bits(left.letters ^ right.letters) <= 2 * limit);
    return near &&
           within(left.skeleton, left.length, right.skeleton, right.length, limit);
  }

  bool share_concept(int row, int column, int n, int m) {
    Span &left = reference_.spans[n][row], &right = hypothesis_.spans[m][column];
    if (!left.concept_ || !right.concept_) return false;
    if (left.concepts == nullptr) left.concepts = joined_concepts(reference_, row, n);
    if (right.concepts == nullptr) right.concepts = joined_concepts(hypothesis_, column, m);
    return left.concepts->intersect(*right.concepts);
  }

  const Concepts *joined_concepts(const Sentence &sentence, int start, int size) {
    const std::uint64_t key = sentence.spans[size][start].key;
    const auto found = joined_.find(key);
    if (found != joined_.end()) return &found->second;
    return &joined_.emplace(key, words_.ask(text(sentence, start, size)).concepts).first->second;
  }

  py::str text(const Sentence &sentence, int start, int size) const {
    if (size == 0) return py::str("");
    if (size == 1) return words_.text(sentence.tokens[start]);
    std::string joined;
    for (int k = 0; k < size; ++k) {
      if (k > 0) joined += ' ';
      joined += words_.text(sentence.tokens[start + k]).cast<std::string>();
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
    const std::uint32_t left = reference_.spans[1][row].letters;
    const std::uint32_t right = hypothesis_.spans[1][column].letters;
    const int all = bits(left | right);
    return all == 0 ? 0 : kUnlikest * bits(left ^ right) / all * kUnlike;
  }

  // Follow the best path back from the end.
  void trace() {
    path_.clear();
    for (int row = reference_.size(), column = hypothesis_.size(); row + column > 0;) {
      const int place = column - row + band_ + kMaxSpan;
      const Step step = kSteps[taken_[static_cast<std::size_t>(row) * width_ + place]];
      if (step.forgives || step.rows + step.columns < 2 ||
          reference_.tokens[row - 1] != hypothesis_.tokens[column - 1])
        path_.push_back({step, row, column, 1});
      row -= step.rows;
      column -= step.columns;
      if (step.rows * step.columns > 1)
        path_.back().errors = raw_errors(row, column, step.rows, step.columns);
    }
  }

  // Ask the judge about every pair that the best path relies on; false if it refuses one.
  bool confirm() {
    bool confirmed = true;
    for (const Taken &taken : path_)
      if (taken.step.forgives) confirmed = ask(taken) && confirmed;
    return confirmed;
  }

  bool ask(const Taken &taken) {
    const auto [n, m, _] = taken.step;
    const PairKey pair_key = key(taken);
    if (judged_.find(pair_key).answer != Answer::kOpen) return true;
    const py::object verdict =
        judge_(text(reference_, taken.above(), n), text(hypothesis_, taken.left(), m));
    const bool joined = verdict.attr("verdict").cast<std::string>() != "modeling";
    Pair &pair = judged_[pair_key];
    pair.answer = joined ? Answer::kRendering : Answer::kDifferent;
    pair.verdict = static_cast<int>(verdicts_.size());
    verdicts_.push_back({verdict, verdict.attr("kind")});
    return joined;
  }

  // Make the path stand for exactly the raw errors. It may be a longer way in raw errors than the
  // raw alignment, when a rendering crosses words that are equal by chance. What it has too much
  // is taken off its last renderings, so that raw errors = modeling errors + forgiven errors.
  std::vector<Taken> &fit(std::vector<Taken> &path) const {
    int surplus = -static_cast<int>(raw_.errors.size());
    for (const Taken &taken : path) surplus += taken.errors;
    for (Taken &taken : path) {
      if (!taken.step.forgives) continue;
      const int less = std::min(surplus, taken.errors);
      taken.errors -= less;
      surplus -= less;
    }
    return path;
  }

  py::tuple result(const std::vector<Taken> &path) const {
    int count[kInsertion + 1] = {};
    for (const Taken &taken : path) ++count[name(taken)];
    py::tuple flat(kHead + kFields * path.size());
    std::size_t place = 0;
    const auto put = [&](py::object object) {
      PyTuple_SET_ITEM(flat.ptr(), place++, object.release().ptr());
    };
    for (const int number :
         {reference_.size(), raw_.substitutions, raw_.deletions, raw_.insertions,
          count[kSubstitution], count[kDeletion], count[kInsertion]})
      put(py::int_(number));
    py::dict forgiven;
    put(forgiven);
    for (auto taken = path.rbegin(); taken != path.rend(); ++taken) {
      const auto [step, row, column, errors] = *taken;
      for (const int number :
           {int{name(*taken)}, taken->above(), row, taken->left(), column, errors})
        put(py::int_(number));
      const Answered *answered = verdict(*taken);
      put(answered == nullptr ? py::none() : answered->verdict);
      if (step.forgives && errors > 0) add(forgiven, answered->kind, errors);
    }
    return flat;
  }

  static void add(py::dict &forgiven, const py::object &kind, int errors) {
    PyObject *before = PyDict_GetItem(forgiven.ptr(), kind.ptr());
    forgiven[kind] = py::int_(errors + (before == nullptr ? 0 : PyLong_AsLong(before)));
  }

  static Operation name(const Taken &taken) {
    if (taken.step.forgives) return kRendering;
    if (taken.step.columns == 0) return kDeletion;
    return taken.step.rows == 0 ? kInsertion : kSubstitution;
  }

  // What the judge said of a pair, if it was asked.
  const Answered *verdict(const Taken &taken) const {
    const auto [n, m, forgives] = taken.step;
    if (!forgives && n + m == 1) return nullptr;
    const Pair &pair = judged_.find(key(taken));
    return pair.verdict < 0 ? nullptr : &verdicts_[pair.verdict];
  }

  void forget_if_full() {
    if (words_.size() < kMaxTokens && joined_.size() < kMaxTokens && judged_.size() < kMaxPairs)
      return;
    words_.clear();
    joined_.clear();
    judged_.clear();
    verdicts_.clear();
  }

  py::function judge_;

  // What is known of tokens, the concepts of spans of several tokens, and pairs of spans.
  Vocabulary words_;
  std::unordered_map<std::uint64_t, Concepts> joined_;
  Pairs judged_;
  std::vector<Answered> verdicts_;

  // The alignment at hand. Cells lie in rows of the band; costs are kept as far back as a step
  // may reach.
  Sentence reference_, hypothesis_;
  RawAlignment raw_;
  int band_ = 0, width_ = 0;
  std::array<Line, kMaxSpan + 1> lines_;
  std::vector<std::uint8_t> taken_;
  std::vector<int> rest_; // modeling errors from each cell to the end, counted from there
  int rest_band_ = 0;
  std::vector<Taken> path_;
};

} // namespace

PYBIND11_MODULE(_align, module) {
  module.doc() = "Cheapest paths with n:m renderings; see cswitch.align.";
  py::class_<Kernel>(module, "Kernel")
      .def(py::init<py::function, py::function>(), py::arg("judge"), py::arg("sketch"))
      .def("align", &Kernel::align, py::arg("reference"), py::arg("hypothesis"))
      .def("score", &Kernel::score, py::arg("reference"), py::arg("hypothesis"));
  module.def("raw_counts", &raw_counts, py::arg("reference"), py::arg("hypothesis"),
             "Substitutions, deletions and insertions of the raw alignment.");
}
