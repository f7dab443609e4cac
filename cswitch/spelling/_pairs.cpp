// A joint n-gram model over spellings: which native letter goes with which Latin letters.
//
// A unit is one native code point with 0–3 letters of the other side (Latin letters, or English
// sounds written with one letter each). A pair of words is a sequence of units; the model is a
// modified Kneser–Ney n-gram over units, held as a backoff automaton. It scores a pair summed
// over its segmentations, finds the best partners of a word, and is estimated here too.
//
// After Bisani and Ney, "Joint-sequence models for grapheme-to-phoneme conversion", Speech
// Communication 50(5), 2008, and Chen and Goodman, "An empirical study of smoothing techniques
// for language modeling", Computer Speech and Language 13(4), 1999.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace py = pybind11;

namespace {

constexpr int kMaxLatin = 3;           // letters in one unit
constexpr int kMaxSilent = 2;          // native letters in a row that no Latin letter stands for
constexpr std::size_t kMaxWord = 96;   // longer words are not words
constexpr float kUnknown = -11.0f;     // log probability of a unit never seen
constexpr float kUnknownLetter = -3.0f;
constexpr float kPrune = 14.0f;        // paths this much worse than the best are given up
constexpr float kBeamPrune = 9.0f;
constexpr std::size_t kChoices = 24, kSilentShare = 3; // units tried at one place
constexpr float kStep = 0.0625f;       // of a quantized log probability
constexpr float kNever = -std::numeric_limits<float>::infinity();

using Unit = std::uint16_t;
constexpr Unit kEnd = 0, kBegin = 1, kNoUnit = 0xFFFF;

float log_add(float left, float right) {
  if (left < right) std::swap(left, right);
  return right == kNever ? left : left + std::log1p(std::exp(right - left));
}

struct Spelling {
  char32_t native;
  std::string latin;
};

std::uint64_t unit_key(char32_t native, const char *latin, int size) {
  std::uint64_t key = native;
  for (int k = 0; k < kMaxLatin; ++k) key = key << 8 | (k < size ? static_cast<unsigned char>(latin[k]) : 0);
  return key;
}

std::uint64_t latin_key(const char *latin, int size) { return unit_key(1, latin, size); }

// Open addressing over 64-bit keys.
class Table {
public:
  void reserve(std::size_t count) {
    std::size_t size = 16;
    while (size < count * 2) size *= 2;
    mask_ = size - 1;
    keys_.assign(size, 0);
    values_.assign(size, 0);
  }
  void set(std::uint64_t key, std::uint32_t value) {
    std::size_t at = place(key);
    keys_[at] = key + 1;
    values_[at] = value;
  }
  const std::uint32_t *find(std::uint64_t key) const {
    const std::size_t at = place(key);
    return keys_[at] == 0 ? nullptr : &values_[at];
  }

private:
  std::size_t place(std::uint64_t key) const {
    std::uint64_t mixed = (key + 1) * 0x9E3779B97F4A7C15ull;
    std::size_t at = (mixed ^ mixed >> 32) & mask_;
    while (keys_[at] != 0 && keys_[at] != key + 1) at = (at + 1) & mask_;
    return at;
  }
  std::size_t mask_ = 0;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> values_;
};

// Bytes of a model: little endian, checked on reading.
class Writer {
public:
  void number(std::uint32_t value, int bytes) {
    for (int k = 0; k < bytes; ++k) out_.push_back(static_cast<char>(value >> 8 * k & 0xFF));
  }
  void log(float value) {
    number(static_cast<std::uint32_t>(std::clamp(std::lround(-value / kStep), 0L, 255L)), 1);
  }
  // Mostly small: seven bits a byte, the last byte has no high bit.
  void count(std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) number((value & 0x7F) | 0x80, 1);
    number(value, 1);
  }
  void text(const std::string &value) {
    number(static_cast<std::uint32_t>(value.size()), 1);
    out_ += value;
  }
  const std::string &bytes() const { return out_; }

private:
  std::string out_;
};

class Reader {
public:
  explicit Reader(const std::string &bytes) : bytes_(bytes) {}
  std::uint32_t number(int bytes) {
    need(bytes);
    std::uint32_t value = 0;
    for (int k = 0; k < bytes; ++k)
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes_[at_ + k])) << 8 * k;
    at_ += bytes;
    return value;
  }
  float log() { return -kStep * static_cast<float>(number(1)); }
  std::uint32_t count() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      const std::uint32_t byte = number(1);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    throw std::invalid_argument("a count of the model is too large");
  }
  std::string text() {
    const std::size_t size = number(1);
    need(size);
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  bool done() const { return at_ == bytes_.size(); }

private:
  void need(std::size_t bytes) const {
    if (bytes > bytes_.size() - at_) throw std::invalid_argument("the model ends too early");
  }
  const std::string &bytes_;
  std::size_t at_ = 0;
};

struct Arc {
  float log;
  int next;
};

// Units that stand for the same text, the most usual ones first.
struct Units {
  std::uint32_t id = 0;
  std::vector<Unit> list;
};

// Where a unit is: in which of the lists, and at which place.
struct Place {
  std::uint32_t id = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t rank = 0;
};

// The n-gram as an automaton: a state is a history, the root is the empty one. What follows a
// history lies together in memory, as searches ask for many units of one history.
class Automaton {
public:
  int start = 0;

  Arc go(int state, Unit unit) const {
    float log = 0;
    for (;;) {
      const int found = follower(state, unit);
      if (found != 0) return {log + nodes_[found].log, nodes_[found].target};
      if (state == 0) return {log + kUnknown, 0};
      log += nodes_[state].backoff;
      state = nodes_[state].shorter;
    }
  }

  // The same for the first of many units: what follows each history is looked through once.
  void go(int state, const Units &units, std::size_t count, const std::vector<Place> &places,
          std::vector<Arc> &arcs) const {
    constexpr int kOpen = -1;
    count = std::min(count, units.list.size());
    arcs.assign(count, {0, kOpen});
    float log = 0;
    for (; state != 0; state = nodes_[state].shorter) {
      const Node &node = nodes_[state];
      for (int k = node.first; k < node.first + node.followers; ++k) {
        const Place place = places[units_[k]];
        if (place.id == units.id && place.rank < count && arcs[place.rank].next == kOpen)
          arcs[place.rank] = {log + nodes_[k].log, nodes_[k].target};
      }
      log += node.backoff;
    }
    for (std::size_t k = 0; k < count; ++k)
      if (arcs[k].next == kOpen) {
        const Arc arc = go(0, units.list[k]);
        arcs[k] = {log + arc.log, arc.next};
      }
  }

  // Every n-gram as an arc (from, unit, log, to), every back-off as one of kNoUnit.
  template <typename Visit>
  void visit(Visit arc) const {
    for (std::size_t k = 1; k < nodes_.size(); ++k) {
      const Node &node = nodes_[k];
      arc(node.parent, units_[k], node.log, node.target);
      // Only what is shorter than the longest n-gram is a history too.
      if (node.target == static_cast<int>(k)) arc(node.target, kNoUnit, node.backoff, node.shorter);
    }
  }

  void read(Reader &in, std::size_t units) {
    const int order = static_cast<int>(in.number(1));
    if (order < 1 || order > 8) throw std::invalid_argument("the order of the model is wrong");
    nodes_.push_back({});
    units_.push_back(kEnd);
    nodes_[0].followers = static_cast<int>(in.count());
    std::size_t begin = 0, end = 1; // the nodes one unit shorter
    for (int depth = 1; depth <= order; ++depth) {
      for (std::size_t parent = begin; parent < end; ++parent) {
        nodes_[parent].first = static_cast<int>(nodes_.size());
        std::uint32_t unit = 0;
        for (int child = 0; child < nodes_[parent].followers; ++child, ++unit) {
          unit += in.count();
          if (unit >= units) throw std::invalid_argument("the model names an unknown unit");
          nodes_.push_back({});
          nodes_.back().parent = static_cast<int>(parent);
          units_.push_back(static_cast<Unit>(unit));
        }
      }
      begin = std::exchange(end, nodes_.size());
      for (std::size_t k = begin; k < end; ++k) nodes_[k].log = in.log();
      if (depth == order) break;
      for (std::size_t k = begin; k < end; ++k) nodes_[k].backoff = in.log();
      for (std::size_t k = begin; k < end; ++k) nodes_[k].followers = static_cast<int>(in.count());
    }
    link(order);
  }

private:
  struct Node {
    float log = 0, backoff = 0;
    int parent = -1, shorter = 0, target = 0;
    int first = 0, followers = 0; // the nodes that are one unit longer
  };

  // The node that is one unit longer, or 0. At the root all units are known, or nearly.
  int follower(int state, Unit unit) const {
    const Node &node = nodes_[state];
    const Unit *begin = units_.data() + node.first, *end = begin + node.followers;
    const Unit *guess = begin + unit;
    const Unit *found = state == 0 && guess < end && *guess == unit
                            ? guess : std::lower_bound(begin, end, unit);
    return found != end && *found == unit ? static_cast<int>(found - units_.data()) : 0;
  }

  void link(int order) {
    std::vector<int> depth(nodes_.size(), 0);
    // Nodes come in order of depth, so the shorter history of a node is linked before it.
    for (std::size_t k = 1; k < nodes_.size(); ++k) {
      Node &node = nodes_[k];
      depth[k] = depth[node.parent] + 1;
      int history = node.parent;
      node.shorter = 0;
      while (history != 0) {
        history = nodes_[history].shorter;
        node.shorter = follower(history, units_[k]);
        if (node.shorter != 0) break;
      }
      node.target = depth[k] < order ? static_cast<int>(k) : node.shorter;
    }
    start = follower(0, kBegin);
  }

  std::vector<Node> nodes_;
  std::vector<Unit> units_; // the last one of each node
};


struct Found {
  float sum, best;
  // How much better the best other unit would have been: for the same native letter, for the
  // same Latin letters; at the worst place and at the end of the word.
  float worst_native = 0, worst_latin = 0, final_native = 0, final_latin = 0;
};

using Scored = std::vector<std::pair<std::string, float>>;
using ModelArcs = std::vector<std::tuple<int, std::u32string, std::string, float, int>>;
using NativeScored = std::vector<std::pair<std::u32string, float>>;

class Model {
public:
  explicit Model(const std::string &bytes) {
    Reader in(bytes);
    const std::uint32_t count = in.number(2);
    for (std::uint32_t k = 0; k < count; ++k) {
      const char32_t native = in.number(4);
      units_.push_back({native, in.text()});
      if (units_.back().latin.size() > kMaxLatin) throw std::invalid_argument("a unit is too long");
    }
    if (count < 2) throw std::invalid_argument("the model has no units");
    index();
    automaton_.read(in, units_.size());
    if (!in.done()) throw std::invalid_argument("the model has bytes too many");
    order_units();
  }

  std::vector<std::pair<std::u32string, std::string>> units() const {
    std::vector<std::pair<std::u32string, std::string>> result;
    for (std::size_t k = 2; k < units_.size(); ++k)
      result.emplace_back(std::u32string(1, units_[k].native), units_[k].latin);
    return result;
  }

  // The first state of the automaton, and its arcs: from, native, Latin, log probability, to. An
  // arc with no native letter is a back-off, or the end of a word if it leads to -1.
  std::pair<int, ModelArcs> automaton() const {
    ModelArcs arcs;
    automaton_.visit([&](int from, Unit unit, float log, int to) {
      if (unit == kBegin) return;
      const bool letter = unit != kEnd && unit != kNoUnit;
      arcs.emplace_back(from, letter ? std::u32string(1, units_[unit].native) : std::u32string(),
                        letter ? units_[unit].latin : std::string(), log, unit == kEnd ? -1 : to);
    });
    return {automaton_.start, std::move(arcs)};
  }

  // Log probability of the pair: summed, of the best segmentation, and its weak places.
  std::tuple<float, float, float, float, float, float> score(const std::u32string &native,
                                                             const std::string &latin) const {
    const Lattice lattice = search(native, latin);
    if (lattice.end < 0) return {kNever, kNever, 0, 0, 0, 0};
    Found found{lattice.sum, lattice.best};
    weigh(lattice, native, latin, found);
    return {found.sum,         found.best,         found.worst_native,
            found.worst_latin, found.final_native, found.final_latin};
  }

  // The best segmentation: native letters with the Latin letters of each.
  std::vector<std::pair<std::u32string, std::string>> align(const std::u32string &native,
                                                            const std::string &latin) const {
    const Lattice lattice = search(native, latin);
    std::vector<std::pair<std::u32string, std::string>> result;
    if (lattice.end < 0) return result;
    std::size_t column = 0, row = 0;
    for (const Step &step : trace(lattice)) {
      result.emplace_back(native.substr(row++, 1), latin.substr(column, step.size));
      column += step.size;
    }
    return result;
  }

  Scored to_latin(const std::u32string &native, int beam, int count) const {
    if (native.size() > kMaxWord) return {};
    Beam search(*this, native_places_, beam);
    std::vector<int> now = search.begin();
    for (const char32_t letter : native) {
      const auto known = by_native_.find(letter);
      std::vector<Move> next;
      for (const int from : now) {
        if (known == by_native_.end()) search.pass(from, next);
        else search.extend(from, known->second, next);
      }
      now = search.keep(std::move(next));
    }
    return ranked<std::string>(search, now, &Spelling::latin, count);
  }

  NativeScored to_native(const std::string &latin, int beam, int count) const {
    if (latin.size() > kMaxWord) return {};
    Beam search(*this, latin_places_, beam);
    const auto silent = by_latin_.find(latin_key("", 0));
    std::vector<std::vector<Move>> cells(latin.size() + 1);
    std::vector<int> here, ends = search.begin();
    for (std::size_t column = 0; column <= latin.size(); ++column) {
      if (column > 0) ends = search.keep(std::move(cells[column]));
      here = ends;
      for (int quiet = 0; !here.empty(); ++quiet) {
        for (const int from : here) advance(search, from, latin, column, cells);
        if (quiet == kMaxSilent || silent == by_latin_.end()) break;
        std::vector<Move> more;
        for (const int from : here) search.extend(from, silent->second, more, kSilentShare);
        here = search.keep(std::move(more), ends.empty() ? kNever : search.log(ends[0]));
        ends.insert(ends.end(), here.begin(), here.end());
      }
    }
    return ranked<std::u32string>(search, ends, &Spelling::native, count);
  }

private:
  struct Step {
    Unit unit;
    int size;
  };
  struct State {
    int state;
    float sum, best;
    int from;
    Step step;
  };
  struct Lattice {
    std::vector<State> states;
    int end = -1;
    float sum = kNever, best = kNever;
  };
  struct Move {
    float log;
    int next, from;
    Unit unit;
  };

  static bool better(const Move &left, const Move &right) {
    if (left.log != right.log) return left.log > right.log;
    return left.from != right.from ? left.from < right.from : left.unit < right.unit;
  }

  // A beam search over one side of the model: partial paths in an arena, joined by their parents.
  class Beam {
  public:
    Beam(const Model &model, const std::vector<Place> &places, int width)
        : model_(model), places_(places), width_(static_cast<std::size_t>(width)) {}

    std::vector<int> begin() {
      paths_.push_back({0, model_.automaton_.start, -1, kNoUnit});
      return {0};
    }
    float log(int path) const { return paths_[path].log; }
    float finished(int path) const {
      return log(path) + model_.automaton_.go(paths_[path].next, kEnd).log;
    }

    void extend(int from, const Units &units, std::vector<Move> &moves, std::size_t share = 1) {
      const Move path = paths_[from];
      model_.automaton_.go(path.next, units, (kChoices + 2 * width_) / share, places_, arcs_);
      for (std::size_t k = 0; k < arcs_.size(); ++k)
        offer({path.log + arcs_[k].log, arcs_[k].next, from, units.list[k]}, moves);
    }

    // A letter that the model has never seen stands for nothing. That is likelier than any letter
    // the other word may have for it: a partner of such a letter is always a matter of regret.
    void pass(int from, std::vector<Move> &moves) const {
      offer({log(from) + kUnknown / 2, 0, from, kNoUnit}, moves);
    }

    // The best moves become paths; those much worse than the best one are given up.
    std::vector<int> keep(std::vector<Move> moves, float best = kNever) {
      std::sort_heap(moves.begin(), moves.end(), better);
      std::vector<int> result;
      for (const Move &move : moves) {
        best = std::max(best, move.log);
        if (move.log < best - kBeamPrune) break;
        result.push_back(static_cast<int>(paths_.size()));
        paths_.push_back(move);
      }
      return result;
    }

    std::vector<Unit> units(int path) const {
      std::vector<Unit> result;
      for (; path >= 0; path = paths_[path].from)
        if (paths_[path].unit != kNoUnit) result.push_back(paths_[path].unit);
      std::reverse(result.begin(), result.end());
      return result;
    }

  private:
    // Moves are a heap of the best ones, as many as the beam is wide, with the worst of them first.
    void offer(const Move &move, std::vector<Move> &moves) const {
      if (moves.size() == width_) {
        if (!better(move, moves.front())) return;
        std::pop_heap(moves.begin(), moves.end(), better);
        moves.pop_back();
      }
      moves.push_back(move);
      std::push_heap(moves.begin(), moves.end(), better);
    }

    const Model &model_;
    const std::vector<Place> &places_;
    std::size_t width_;
    std::vector<Move> paths_;
    std::vector<Arc> arcs_;
  };

  void index() {
    unit_ids_.reserve(units_.size());
    for (std::size_t k = 2; k < units_.size(); ++k) {
      const auto &unit = units_[k];
      const int size = static_cast<int>(unit.latin.size());
      unit_ids_.set(unit_key(unit.native, unit.latin.data(), size), static_cast<std::uint32_t>(k));
      by_native_[unit.native].list.push_back(static_cast<Unit>(k));
      by_latin_[latin_key(unit.latin.data(), size)].list.push_back(static_cast<Unit>(k));
    }
  }

  // Frequent units first, so that a search sees the good ones early.
  void order_units() {
    const auto better = [this](Unit left, Unit right) {
      const float l = automaton_.go(0, left).log, r = automaton_.go(0, right).log;
      return l != r ? l > r : left < right;
    };
    const auto order = [&](auto &lists, std::vector<Place> &places) {
      places.resize(units_.size());
      std::uint32_t id = 0;
      for (auto &[text, units] : lists) {
        std::sort(units.list.begin(), units.list.end(), better);
        units.id = id++;
        for (std::uint32_t rank = 0; rank < units.list.size(); ++rank)
          places[units.list[rank]] = {units.id, rank};
      }
    };
    order(by_native_, native_places_);
    order(by_latin_, latin_places_);
  }

  // Row by row over the native letters; a cell holds one state for each history.
  Lattice search(const std::u32string &native, const std::string &latin) const {
    Lattice lattice;
    if (native.size() > kMaxWord || latin.size() > kMaxWord) return lattice;
    const int rows = static_cast<int>(native.size()), columns = static_cast<int>(latin.size());
    std::vector<State> &states = lattice.states;
    states.reserve(64 * (rows + 1));
    std::vector<std::vector<int>> now(columns + 1), next(columns + 1);
    states.push_back({automaton_.start, 0, 0, -1, {kNoUnit, 0}});
    now[0].push_back(0);
    float row_best = 0;
    for (int row = 0; row < rows; ++row) {
      float next_best = kNever;
      const int left = kMaxLatin * (rows - row - 1); // letters the rest can still take
      for (int column = 0; column <= columns; ++column) {
        for (const int from : now[column]) {
          if (states[from].best < row_best - kPrune) continue;
          for (int size = 0; size <= kMaxLatin && column + size <= columns; ++size) {
            if (columns - column - size > left) continue;
            const Step step{unit_of(native[row], latin.data() + column, size), size};
            const Arc arc = move(states[from].state, step);
            add(states, next[column + size], from, step, arc);
            next_best = std::max(next_best, states[from].best + arc.log);
          }
        }
        now[column].clear();
      }
      std::swap(now, next);
      row_best = next_best;
    }
    for (const int from : now[columns]) {
      const float log = automaton_.go(states[from].state, kEnd).log;
      lattice.sum = log_add(lattice.sum, states[from].sum + log);
      if (states[from].best + log > lattice.best) {
        lattice.best = states[from].best + log;
        lattice.end = from;
      }
    }
    return lattice;
  }

  static void add(std::vector<State> &states, std::vector<int> &cell, int from, const Step &step,
                  const Arc &arc) {
    const float sum = states[from].sum + arc.log, best = states[from].best + arc.log;
    for (const int known : cell)
      if (states[known].state == arc.next) {
        State &state = states[known];
        state.sum = log_add(state.sum, sum);
        if (best > state.best) {
          state.best = best;
          state.from = from;
          state.step = step;
        }
        return;
      }
    cell.push_back(static_cast<int>(states.size()));
    states.push_back({arc.next, sum, best, from, step});
  }

  Unit unit_of(char32_t native, const char *latin, int size) const {
    const std::uint32_t *found = unit_ids_.find(unit_key(native, latin, size));
    return found == nullptr ? kNoUnit : static_cast<Unit>(*found);
  }

  Arc move(int state, const Step &step) const {
    if (step.unit == kNoUnit) return {kUnknown + kUnknownLetter * step.size, 0};
    return automaton_.go(state, step.unit);
  }

  static std::vector<Step> trace(const Lattice &lattice) {
    std::vector<Step> steps;
    for (int at = lattice.end; lattice.states[at].from >= 0; at = lattice.states[at].from)
      steps.push_back(lattice.states[at].step);
    std::reverse(steps.begin(), steps.end());
    return steps;
  }

  void weigh(const Lattice &lattice, const std::u32string &native, const std::string &latin,
             Found &found) const {
    const std::vector<Step> steps = trace(lattice);
    int state = automaton_.start, column = 0;
    for (std::size_t row = 0; row < steps.size(); ++row) {
      const bool last = row + 1 == steps.size();
      const float log = after(state, steps[row], last);
      float native_best = log, latin_best = log;
      if (const auto units = by_native_.find(native[row]); units != by_native_.end())
        native_best = std::max(native_best, best_of(units->second, native_places_, state, last));
      const auto units = by_latin_.find(latin_key(latin.data() + column, steps[row].size));
      if (steps[row].size > 0 && units != by_latin_.end())
        latin_best = std::max(latin_best, best_of(units->second, latin_places_, state, last));
      found.worst_native = std::max(found.worst_native, native_best - log);
      found.worst_latin = std::max(found.worst_latin, latin_best - log);
      // The ending is where inflection shows: the last letter and the one before it.
      if (row + 2 >= steps.size()) {
        found.final_native = std::max(found.final_native, native_best - log);
        found.final_latin = std::max(found.final_latin, latin_best - log);
      }
      state = move(state, steps[row]).next;
      column += steps[row].size;
    }
  }

  float after(int state, const Step &step, bool last) const {
    const Arc arc = move(state, step);
    return last ? arc.log + automaton_.go(arc.next, kEnd).log : arc.log;
  }

  float best_of(const Units &units, const std::vector<Place> &places, int state, bool last) const {
    std::vector<Arc> arcs;
    automaton_.go(state, units, kChoices, places, arcs);
    float best = kNever;
    for (const Arc &arc : arcs)
      best = std::max(best, last ? arc.log + automaton_.go(arc.next, kEnd).log : arc.log);
    return best;
  }

  void advance(Beam &search, int from, const std::string &latin, std::size_t column,
               std::vector<std::vector<Move>> &cells) const {
    for (int size = 1; size <= kMaxLatin && column + size <= latin.size(); ++size) {
      const auto units = by_latin_.find(latin_key(latin.data() + column, size));
      if (units != by_latin_.end())
        search.extend(from, units->second, cells[column + size]);
      else if (size == 1)
        search.pass(from, cells[column + 1]);
    }
  }

  // One side of the units on each path, likeliest first; the paths to a text add up.
  template <typename Text, typename Side>
  std::vector<std::pair<Text, float>> ranked(const Beam &search, const std::vector<int> &ends,
                                             Side Spelling::*side, int count) const {
    std::map<Text, float> totals;
    for (const int end : ends) {
      Text text;
      for (const Unit unit : search.units(end)) text += units_[unit].*side;
      const auto found = totals.emplace(std::move(text), kNever).first;
      found->second = log_add(found->second, search.finished(end));
    }
    std::vector<std::pair<Text, float>> result(totals.begin(), totals.end());
    std::stable_sort(result.begin(), result.end(),
                     [](const auto &left, const auto &right) { return left.second > right.second; });
    if (result.size() > static_cast<std::size_t>(count)) result.resize(count);
    return result;
  }

  std::vector<Spelling> units_;
  Table unit_ids_;
  std::unordered_map<char32_t, Units> by_native_;
  std::unordered_map<std::uint64_t, Units> by_latin_;
  std::vector<Place> native_places_, latin_places_; // by unit
  Automaton automaton_;
};

// ---------------------------------------------------------------------------------------------
// Estimation

struct Word {
  std::u32string native;
  std::string latin;
  std::vector<Unit> units; // its segmentation
};

using Grams = std::map<std::vector<Unit>, double>;

class Estimator {
public:
  Estimator(const std::vector<std::pair<std::u32string, std::string>> &pairs, int order,
            int iterations, double least, double share)
      : order_(order) {
    for (const auto &pair : pairs)
      if (!pair.first.empty() &&
          pair.second.size() <= kMaxLatin * pair.first.size() && pair.first.size() <= kMaxWord)
        words_.push_back({pair.first, pair.second, {}});
    if (words_.empty()) throw std::invalid_argument("there are no pairs to learn from");
    for (int k = 0; k < iterations; ++k) maximize(k == 0);
    choose_units(least);
    segment(share);
  }

  std::string bytes(double cut) {
    count();
    prune(cut);
    return write();
  }

private:
  // One round of expectation and maximization over single units.
  void maximize(bool first) {
    std::unordered_map<std::uint64_t, double> counts;
    double total = 0;
    for (const Word &word : words_) {
      const auto forward = sweep(word, first);
      const int rows = static_cast<int>(word.native.size());
      const int columns = static_cast<int>(word.latin.size());
      const double whole = forward[rows][columns];
      if (whole <= 0) continue;
      std::vector<double> after(columns + 1, 0), before(columns + 1, 0);
      after[columns] = 1;
      for (int row = rows; row-- > 0;) {
        std::fill(before.begin(), before.end(), 0);
        for (int column = 0; column <= columns; ++column)
          for (int size = 0; size <= kMaxLatin && column + size <= columns; ++size) {
            const std::uint64_t key = unit_key(word.native[row], word.latin.data() + column, size);
            const double p = chance(key, first);
            before[column] += p * after[column + size];
            const double expected = forward[row][column] * p * after[column + size] / whole;
            if (expected > 1e-6) {
              counts[key] += expected;
              total += expected;
            }
          }
        std::swap(after, before);
      }
    }
    chances_.clear();
    for (const auto &entry : counts) chances_[entry.first] = entry.second / total;
    counts_ = std::move(counts);
  }

  double chance(std::uint64_t key, bool first) const {
    if (first) return 1e-2;
    const auto found = chances_.find(key);
    return found == chances_.end() ? 0 : found->second;
  }

  std::vector<std::vector<double>> sweep(const Word &word, bool first) const {
    const int rows = static_cast<int>(word.native.size()), columns = static_cast<int>(word.latin.size());
    std::vector<std::vector<double>> forward(rows + 1, std::vector<double>(columns + 1, 0));
    forward[0][0] = 1;
    for (int row = 0; row < rows; ++row)
      for (int column = 0; column <= columns; ++column) {
        if (forward[row][column] <= 0) continue;
        for (int size = 0; size <= kMaxLatin && column + size <= columns; ++size)
          forward[row + 1][column + size] +=
              forward[row][column] *
              chance(unit_key(word.native[row], word.latin.data() + column, size), first);
      }
    return forward;
  }

  void choose_units(double least) {
    std::vector<std::uint64_t> keys;
    for (const auto &entry : counts_)
      if (entry.second >= least) keys.push_back(entry.first);
    std::sort(keys.begin(), keys.end());
    if (keys.size() > 0xFFF0) throw std::invalid_argument("there are too many different letters");
    units_ = {{0, ""}, {0, ""}};
    for (const std::uint64_t key : keys) {
      std::string latin;
      for (int k = kMaxLatin - 1; k >= 0; --k)
        if (const char letter = static_cast<char>(key >> 8 * k & 0xFF)) latin += letter;
      ids_[key] = static_cast<Unit>(units_.size());
      units_.push_back({static_cast<char32_t>(key >> 8 * kMaxLatin), latin});
    }
  }

  // The best segmentation of each word; the given share of worst words is left out as wrong.
  void segment(double share) {
    std::vector<std::pair<double, std::size_t>> ranking;
    for (std::size_t k = 0; k < words_.size(); ++k) {
      const double log = best(words_[k]);
      ranking.emplace_back(log / static_cast<double>(words_[k].native.size()), k);
    }
    std::sort(ranking.begin(), ranking.end());
    const std::size_t bad = static_cast<std::size_t>(share * static_cast<double>(ranking.size()));
    for (std::size_t k = 0; k < bad; ++k) words_[ranking[k].second].units.clear();
    words_.erase(std::remove_if(words_.begin(), words_.end(),
                                [](const Word &word) { return word.units.empty(); }),
                 words_.end());
  }

  double best(Word &word) const {
    const int rows = static_cast<int>(word.native.size()), columns = static_cast<int>(word.latin.size());
    const double never = -std::numeric_limits<double>::infinity();
    std::vector<std::vector<double>> log(rows + 1, std::vector<double>(columns + 1, never));
    std::vector<std::vector<int>> taken(rows + 1, std::vector<int>(columns + 1, 0));
    log[0][0] = 0;
    for (int row = 0; row < rows; ++row)
      for (int column = 0; column <= columns; ++column)
        for (int size = 0; size <= kMaxLatin && column + size <= columns; ++size) {
          if (log[row][column] == never) break;
          const std::uint64_t key = unit_key(word.native[row], word.latin.data() + column, size);
          if (ids_.find(key) == ids_.end()) continue;
          const double value = log[row][column] + std::log(chances_.at(key));
          if (value > log[row + 1][column + size]) {
            log[row + 1][column + size] = value;
            taken[row + 1][column + size] = size;
          }
        }
    word.units.clear();
    if (log[rows][columns] == never) return never;
    int column = columns;
    for (int row = rows; row > 0; --row) {
      const int size = taken[row][column];
      column -= size;
      word.units.push_back(ids_.at(unit_key(word.native[row - 1], word.latin.data() + column, size)));
    }
    std::reverse(word.units.begin(), word.units.end());
    return log[rows][columns];
  }

  void count() {
    grams_.assign(order_ + 1, {});
    for (const Word &word : words_) {
      std::vector<Unit> line(1, kBegin);
      line.insert(line.end(), word.units.begin(), word.units.end());
      line.push_back(kEnd);
      for (std::size_t end = 1; end < line.size(); ++end)
        for (int size = 1; size <= order_ && size <= static_cast<int>(end) + 1; ++size) {
          // Only the longest n-grams, and those at the beginning, count by frequency (Kneser–Ney).
          const std::size_t begin = end + 1 - size;
          if (size == order_ || begin == 0)
            grams_[size][{line.begin() + begin, line.begin() + end + 1}] += 1;
        }
    }
    for (int size = order_; size > 1; --size)
      for (const auto &gram : grams_[size])
        grams_[size - 1][{gram.first.begin() + 1, gram.first.end()}] += 1;
    for (std::size_t unit = 2; unit < units_.size(); ++unit)
      grams_[1].emplace(std::vector<Unit>{static_cast<Unit>(unit)}, 0.0);
    for (int size = 1; size <= order_; ++size) estimate(size);
  }

  // Interpolated modified Kneser–Ney: probabilities and backoff weights of one order.
  void estimate(int size) {
    std::array<double, 5> seen{};
    for (const auto &gram : grams_[size])
      if (gram.second >= 1 && gram.second <= 4) seen[static_cast<int>(gram.second)] += 1;
    std::array<double, 4> discount{};
    const double y = seen[1] / std::max(1.0, seen[1] + 2 * seen[2]);
    for (int k = 1; k <= 3; ++k) {
      const double value = seen[k] > 0 ? k - (k + 1) * y * seen[k + 1] / seen[k] : 0.5 * k;
      discount[k] = std::clamp(value, 0.1 * k, 0.9 * k);
    }
    std::map<std::vector<Unit>, std::pair<double, double>> contexts; // total, mass set free
    for (const auto &gram : grams_[size]) {
      auto &context = contexts[{gram.first.begin(), gram.first.end() - 1}];
      context.first += gram.second;
      context.second += std::min(gram.second, discount[std::min(3, static_cast<int>(gram.second))]);
    }
    auto &logs = logs_[size];
    for (const auto &gram : grams_[size]) {
      const std::vector<Unit> history(gram.first.begin(), gram.first.end() - 1);
      const auto &[sum, freed] = contexts.at(history);
      const double taken = std::min(gram.second, discount[std::min(3, static_cast<int>(gram.second))]);
      const double lower =
          size == 1 ? 1.0 / static_cast<double>(units_.size() - 1)
                    : std::exp(logs_[size - 1].at({gram.first.begin() + 1, gram.first.end()}));
      logs[gram.first] = std::log((gram.second - taken) / sum + freed / sum * lower);
    }
    for (const auto &[history, masses] : contexts)
      backoffs_[history] = std::log(masses.second / masses.first);
  }

  // Leaves out long n-grams that say little more than shorter ones: weighted difference of logs
  // (Seymore and Rosenfeld, 1996), then backoff weights are made to sum to one again.
  void prune(double cut) {
    for (int size = order_; size > 1; --size) {
      auto &logs = logs_[size];
      for (auto gram = logs.begin(); gram != logs.end();) {
        const std::vector<Unit> history(gram->first.begin(), gram->first.end() - 1);
        const std::vector<Unit> tail(gram->first.begin() + 1, gram->first.end());
        const double gain = gram->second - backoffs_.at(history) - logs_[size - 1].at(tail);
        const double weight = grams_[size].at(gram->first);
        const bool needed = size < order_ && needed_.count(gram->first) > 0;
        if (!needed && weight * gain < cut) {
          gram = logs.erase(gram);
        } else {
          if (size > 2) needed_.insert({history, true});
          ++gram;
        }
      }
    }
    for (int size = 2; size <= order_; ++size) renormalize(size);
  }

  void renormalize(int size) {
    std::map<std::vector<Unit>, std::pair<double, double>> sums;
    for (const auto &gram : logs_[size]) {
      auto &sum = sums[{gram.first.begin(), gram.first.end() - 1}];
      sum.first += std::exp(gram.second);
      sum.second += std::exp(lower_log({gram.first.begin() + 1, gram.first.end()}));
    }
    for (auto &entry : backoffs_) {
      if (static_cast<int>(entry.first.size()) != size - 1) continue;
      const auto found = sums.find(entry.first);
      if (found == sums.end()) {
        entry.second = 0;
        continue;
      }
      const double left = std::max(1e-6, 1 - found->second.first);
      const double rest = std::max(1e-6, 1 - found->second.second);
      entry.second = std::min(0.0, std::log(left / rest));
    }
  }

  double lower_log(std::vector<Unit> gram) const {
    double log = 0;
    for (;;) {
      const auto &logs = logs_.at(static_cast<int>(gram.size()));
      const auto found = logs.find(gram);
      if (found != logs.end()) return log + found->second;
      const auto backoff = backoffs_.find({gram.begin(), gram.end() - 1});
      if (backoff != backoffs_.end()) log += backoff->second;
      gram.erase(gram.begin());
      if (gram.empty()) return log + kUnknown;
    }
  }

  std::string write() {
    Writer out;
    out.number(static_cast<std::uint32_t>(units_.size()), 2);
    for (const auto &unit : units_) {
      out.number(unit.native, 4);
      out.text(unit.latin);
    }
    // The beginning of a word has no probability, only followers.
    logs_[1].emplace(std::vector<Unit>{kBegin}, -20.0);
    out.number(static_cast<std::uint32_t>(order_), 1);
    out.count(static_cast<std::uint32_t>(logs_[1].size()));
    // What is alike stands together, which compresses better: for the n-grams of each length their
    // last units (how many were passed over), then their logs, backoffs and numbers of followers.
    for (int size = 1; size <= order_; ++size) {
      const std::vector<Unit> *before = nullptr;
      for (const auto &[gram, _] : logs_[size]) {
        const bool sibling = before && std::equal(gram.begin(), gram.end() - 1, before->begin());
        out.count(gram.back() - (sibling ? before->back() + 1u : 0u));
        before = &gram;
      }
      for (const auto &gram : logs_[size]) out.log(static_cast<float>(gram.second));
      if (size == order_) break;
      for (const auto &gram : logs_[size]) {
        const auto backoff = backoffs_.find(gram.first);
        out.log(backoff == backoffs_.end() ? 0.0f : static_cast<float>(backoff->second));
      }
      std::map<std::vector<Unit>, std::uint32_t> children;
      for (const auto &gram : logs_[size + 1])
        children[{gram.first.begin(), gram.first.end() - 1}] += 1;
      for (const auto &gram : logs_[size]) out.count(children[gram.first]);
    }
    return out.bytes();
  }

  int order_;
  std::vector<Word> words_;
  std::unordered_map<std::uint64_t, double> chances_, counts_;
  std::unordered_map<std::uint64_t, Unit> ids_;
  std::vector<Spelling> units_;
  std::vector<Grams> grams_;
  std::map<int, std::map<std::vector<Unit>, double>> logs_;
  std::map<std::vector<Unit>, double> backoffs_;
  std::map<std::vector<Unit>, bool> needed_;
};

py::bytes estimate(const std::vector<std::pair<std::u32string, std::string>> &pairs, int order,
                   int iterations, double least, double share, double cut) {
  std::string bytes;
  {
    py::gil_scoped_release release;
    bytes = Estimator(pairs, order, iterations, least, share).bytes(cut);
  }
  return py::bytes(bytes);
}

} // namespace

PYBIND11_MODULE(_pairs, module) {
  module.doc() = "The joint n-gram model over spellings; see cswitch.spelling.pairs.";
  py::class_<Model>(module, "Model")
      .def(py::init([](const py::bytes &bytes) { return Model(std::string(bytes)); }),
           py::arg("payload"))
      .def("units", &Model::units)
      .def("automaton", &Model::automaton)
      .def("score", &Model::score, py::arg("native"), py::arg("latin"))
      .def("align", &Model::align, py::arg("native"), py::arg("latin"))
      .def("to_latin", &Model::to_latin, py::arg("native"), py::arg("beam"), py::arg("count"))
      .def("to_native", &Model::to_native, py::arg("latin"), py::arg("beam"), py::arg("count"));
  module.def("estimate", &estimate, py::arg("pairs"), py::arg("order"), py::arg("iterations"),
             py::arg("least"), py::arg("share"), py::arg("cut"));
}
