// CTC prefix beam search over words: the kernel of cswitch.recognition.decode.
//
// A hypothesis is a history of finished words and the label path of the word being written. A
// finished word enters the history by its canonical form, so renderings of one word end in the same
// history and add up their probability; the history remembers which spelling brought most of it.
// Probabilities are kept linear and scaled to the best path of each frame: sums need no logarithm.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace py = pybind11;

namespace {

constexpr int kNone = -1;

// Open addressing from a pair of non-negative numbers to one.
class PairMap {
 public:
  PairMap() { clear(); }

  void clear() {
    keys_.assign(1024, kEmpty);
    values_.assign(1024, kNone);
    size_ = 0;
  }

  int find(int first, int second) const { return values_[slot(key(first, second))]; }

  void insert(int first, int second, int value) {
    if (2 * ++size_ > keys_.size()) grow();
    const std::size_t at = slot(key(first, second));
    keys_[at] = key(first, second);
    values_[at] = value;
  }

 private:
  static constexpr std::uint64_t kEmpty = ~0ULL;

  static std::uint64_t key(int first, int second) {
    return (static_cast<std::uint64_t>(first) << 32) | static_cast<std::uint32_t>(second);
  }

  std::size_t slot(std::uint64_t key) const {
    // Fibonacci hashing: the high bits of the product are well mixed.
    const std::size_t mask = keys_.size() - 1;
    std::size_t at = (key * 0x9E3779B97F4A7C15ULL >> 32) & mask;
    while (keys_[at] != kEmpty && keys_[at] != key) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<std::uint64_t> keys(keys_.size() * 2, kEmpty);
    std::vector<int> values(keys.size(), kNone);
    keys.swap(keys_);
    values.swap(values_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == kEmpty) continue;
      const std::size_t at = slot(keys[i]);
      keys_[at] = keys[i];
      values_[at] = values[i];
    }
  }

  std::vector<std::uint64_t> keys_;
  std::vector<int> values_;
  std::size_t size_ = 0;
};

struct Label {
  std::string text;
  bool starts;   // Ends the word before it and starts a new one.
  bool usable;   // False for markers such as <unk>, which are never written.
  int script;    // 0 for labels that go with any script.
};

// What is known about words and outlives an utterance: canonical forms and language model scores.
class Vocabulary {
 public:
  Vocabulary(py::object canonical, py::object scorer)
      : canonical_(std::move(canonical)), scorer_(std::move(scorer)) {}

  int surface(const std::string& text) {
    const auto found = surface_ids_.find(text);
    if (found != surface_ids_.end()) return found->second;
    const int id = static_cast<int>(surfaces_.size());
    const std::string form =
        canonical_.is_none() ? text : canonical_(py::str(text)).cast<std::string>();
    const auto [entry, fresh] = form_ids_.emplace(form, static_cast<int>(forms_.size()));
    if (fresh) forms_.push_back(form);
    surface_ids_.emplace(text, id);
    surfaces_.push_back(text);
    form_of_.push_back(entry->second);
    return id;
  }

  const std::string& text(int surface) const { return surfaces_[surface]; }
  int form_of(int surface) const { return form_of_[surface]; }
  const std::string& form(int form) const { return forms_[form]; }

  int start() const { return scorer_.is_none() ? 0 : scorer_.attr("start").cast<int>(); }

  std::pair<double, int> score(int state, int form) {
    if (scorer_.is_none()) return {0.0, 0};
    const int known = events_.find(state, form);
    if (known != kNone) return scores_[known];
    const auto result = scorer_.attr("score")(state, forms_[form]).cast<std::pair<double, int>>();
    events_.insert(state, form, static_cast<int>(scores_.size()));
    scores_.push_back(result);
    return result;
  }

  double finish(int state) {
    return scorer_.is_none() ? 0.0 : scorer_.attr("finish")(state).cast<double>();
  }

 private:
  py::object canonical_, scorer_;
  std::unordered_map<std::string, int> surface_ids_, form_ids_;
  std::vector<std::string> surfaces_, forms_;
  std::vector<int> form_of_;
  PairMap events_;
  std::vector<std::pair<double, int>> scores_;
};

// What the beginning of a word promises: the best score of a known word that goes on like this, or
// that of an unknown word. Without it, hypotheses that put off the end of a word would win the beam.
class Lookahead {
 public:
  static constexpr int kRoot = 0;
  static constexpr int kUnknown = 1;

  Lookahead(const std::vector<std::pair<std::string, double>>& words, double unknown,
            double offset, double usual)
      : best_{unknown, unknown}, unknown_(unknown), offset_(offset), usual_(usual) {
    for (const auto& [word, score] : words) {
      int at = kRoot;
      best_[kRoot] = std::max(best_[kRoot], score);
      for (const unsigned char byte : word) {
        int next = edges_.find(at, byte);
        if (next == kNone) {
          next = static_cast<int>(best_.size());
          edges_.insert(at, byte, next);
          best_.push_back(unknown);
        }
        at = next;
        best_[at] = std::max(best_[at], score);
      }
    }
  }

  int walk(int state, const std::string& text) const {
    for (const unsigned char byte : text) {
      if (state == kUnknown) break;
      const int next = edges_.find(state, byte);
      state = next == kNone ? kUnknown : next;
    }
    return state;
  }

  // An unknown word costs more the longer it gets.
  double best(int state, int letters) const {
    if (state != kUnknown) return best_[state];
    return unknown_ + offset_ * std::max(1.0, letters / usual_);
  }

 private:
  PairMap edges_;
  std::vector<double> best_;
  double unknown_, offset_, usual_;
};

struct Options {
  int beam;
  double token_floor;  // Labels below this log-probability are not tried, the best one apart.
  double margin;       // Hypotheses this much below the best one are dropped.
  double blank_skip;   // A frame whose blank is at least this probable holds nothing else.
  bool one_script;     // A word keeps to the script of its first letter.
};

// What the best path through a word looks like.
struct Trace {
  int start = kNone, end = kNone;
  double gain = 0.0;  // What the language network added to its labels.
};

struct Spelling {
  int surface;
  double mass;
  double best;
  Trace trace;
};

struct History {
  int parent;
  int form;
  int state;
  int depth;
  double score;
  std::vector<Spelling> spellings;
};

// Mass that reaches a node in one frame, and the trace of its best part.
struct Mass {
  double blank = 0.0, label = 0.0, best = 0.0;
  Trace trace;

  double total() const { return blank + label; }

  void note(double value, const Trace& from) {
    if (value <= best) return;
    best = value;
    trace = from;
  }
};

struct Node {
  int parent;
  int history;
  int label;
  int script;
  int letters;            // The length of the word written so far.
  int prefix;             // Where the word written so far stands in the lookahead.
  double bonus;           // What that promises, and what the beginning of a hotword does.
  int surface = kNone;    // The word written so far, once it has been asked for.
  int next = kNone;       // The history when that word is finished.
  int touched = kNone;    // The last frame that brought mass.
  int active = kNone;     // The last frame whose beam held the node.
  Mass now, later;
};

using WordRow = std::tuple<std::string, std::string, int, int, double, double>;
using Frames = py::array_t<double, py::array::c_style | py::array::forcecast>;
using Hypothesis = std::tuple<double, double, std::vector<WordRow>>;

class Search {
 public:
  Search(std::vector<Label> labels, int blank, Options options,
         std::unordered_map<std::string, double> bonuses, const Lookahead& lookahead,
         Vocabulary& vocabulary)
      : labels_(std::move(labels)),
        blank_(blank),
        options_(options),
        bonuses_(std::move(bonuses)),
        lookahead_(lookahead),
        vocabulary_(vocabulary) {
    for (const auto& [prefix, bonus] : bonuses_) max_bonus_ = std::max(max_bonus_, bonus);
    max_bonus_ += lookahead_.best(Lookahead::kRoot, 0);
    histories_.push_back({kNone, kNone, vocabulary_.start(), 0, 0.0, {}});
    // The beginning is like a word boundary, so that a leading separator changes nothing.
    int separator = kNone;
    for (int i = 0; i < static_cast<int>(labels_.size()); ++i) {
      if (labels_[i].starts && labels_[i].text.empty() && labels_[i].usable) separator = i;
    }
    const int root = separator == kNone ? add(kNone, 0, kNone) : first(0, separator);
    nodes_[root].now.blank = 1.0;
    nodes_[root].active = 0;
    beam_ = {root};
  }

  // Read frames × labels; `gains` is what the language network has added to each, if anything.
  void feed(const Frames& frames, const std::optional<Frames>& gains) {
    for (py::ssize_t t = 0; t < frames.shape(0); ++t) {
      gains_ = gains ? gains->data(t, 0) : nullptr;
      step(frames.data(t, 0));
      if (nodes_.size() > most_) compact();
    }
  }

  // The best `count` word sequences: score, acoustic score and words, best first.
  std::vector<Hypothesis> best(int count) {
    std::unordered_map<int, double> masses;
    for (const int id : beam_) {
      const int history = complete(id);
      const double mass = nodes_[id].now.total();
      if (history != nodes_[id].history) spell(id, nodes_[id].now, mass);
      masses[history] += mass;
    }
    struct Final {
      int history;
      double score, acoustic;
    };
    std::vector<Final> finals;
    finals.reserve(masses.size());
    for (const auto& [history, mass] : masses) {
      const double acoustic = std::log(mass) + scale_;
      finals.push_back({history,
                        acoustic + histories_[history].score +
                            vocabulary_.finish(histories_[history].state),
                        acoustic});
    }
    std::sort(finals.begin(), finals.end(), [](const Final& a, const Final& b) {
      return a.score != b.score ? a.score > b.score : a.history < b.history;
    });
    std::vector<std::vector<Row>> rows;
    std::vector<double> weights;
    double total = 0.0;
    for (const Final& final : finals) {
      rows.push_back(words(final.history));
      weights.push_back(std::exp(final.score - finals.front().score));
      total += weights.back();
    }
    std::vector<Hypothesis> result;
    for (std::size_t i = 0; i < finals.size() && i < static_cast<std::size_t>(count); ++i) {
      std::vector<double> confidence(rows[i].size(), 0.0);
      for (std::size_t j = 0; j < rows.size(); ++j) {
        vote(rows[i], rows[j], weights[j] / total, confidence);
      }
      std::vector<WordRow> out;
      for (std::size_t k = 0; k < rows[i].size(); ++k) {
        const Row& row = rows[i][k];
        out.emplace_back(vocabulary_.text(row.surface), vocabulary_.form(row.form),
                         row.trace.start, row.trace.end, std::min(1.0, confidence[k]),
                         row.trace.gain);
      }
      result.emplace_back(finals[i].score, finals[i].acoustic, std::move(out));
    }
    return result;
  }

  // The words of the best hypothesis so far, how many of them can change no more, and the text of
  // the unfinished word.
  std::tuple<std::vector<WordRow>, int, std::string> partial() const {
    const int top = *std::max_element(beam_.begin(), beam_.end(), [this](int a, int b) {
      return score(a) != score(b) ? score(a) < score(b) : a > b;
    });
    int common = nodes_[top].history;
    for (const int id : beam_) common = ancestor(common, nodes_[id].history);
    std::vector<WordRow> out;
    for (const Row& row : words(nodes_[top].history)) {
      out.emplace_back(vocabulary_.text(row.surface), vocabulary_.form(row.form), row.trace.start,
                       row.trace.end, 0.0, row.trace.gain);
    }
    return {std::move(out), histories_[common].depth, text(top)};
  }

  int frames() const { return frame_; }

 private:
  struct Row {
    int surface, form;
    Trace trace;
  };

  static constexpr std::size_t kCompact = 1 << 16;

  void step(const double* row) {
    candidates_.clear();
    const double* top = std::max_element(row, row + labels_.size());
    const bool silent = std::exp(row[blank_]) >= options_.blank_skip;
    for (int k = 0; k < static_cast<int>(labels_.size()) && !silent; ++k) {
      if (k == blank_ || !labels_[k].usable) continue;
      if (row[k] >= options_.token_floor || row + k == top) {
        const double p = std::exp(row[k]);
        if (p > 0.0) candidates_.emplace_back(k, p);
      }
    }
    const bool blank = silent || row[blank_] >= options_.token_floor || row + blank_ == top;
    const double stay = blank ? std::exp(row[blank_]) : 0.0;
    const double bar = threshold(stay);
    touched_.clear();
    for (const int id : beam_) extend(id, stay, bar);
    prune();
    ++frame_;
  }

  // What a new hypothesis must reach: every member of a full beam can at least stay as it is.
  double threshold(double stay) const {
    double best = -std::numeric_limits<double>::infinity(), worst = -best;
    for (const int id : beam_) {
      best = std::max(best, score(id));
      worst = std::min(worst, score(id));
    }
    const double full = static_cast<int>(beam_.size()) >= options_.beam
                            ? worst
                            : -std::numeric_limits<double>::infinity();
    return std::max(full, best - options_.margin) + std::log(stay);
  }

  void extend(int id, double stay, double bar) {
    // A copy: adding nodes moves them.
    const Mass mass = nodes_[id].now;
    const double total = mass.total();
    const int label = nodes_[id].label;
    if (stay > 0.0) {
      Mass& later = touch(id);
      later.blank += total * stay;
      later.note(total * stay, mass.trace);
    }
    const double floor = std::exp(bar - histories_[nodes_[id].history].score - max_bonus_);
    for (const auto& [k, p] : candidates_) {
      double value = total * p;
      if (k == label) {
        if (mass.label > 0.0) {
          Mass& later = touch(id);
          later.label += mass.label * p;
          later.note(mass.label * p, longer(mass.trace, k));
        }
        value = mass.blank * p;
      }
      if (value <= 0.0) continue;
      if (labels_[k].starts) {
        begin(id, k, value, mass);
      } else {
        continue_word(id, k, value, floor, mass);
      }
    }
  }

  void begin(int id, int label, double value, const Mass& mass) {
    const int history = complete(id);
    if (history != nodes_[id].history) spell(id, mass, value);
    Mass& later = touch(first(history, label));
    later.label += value;
    later.note(value, longer(Trace{}, label));
  }

  void continue_word(int id, int label, double value, double floor, const Mass& mass) {
    const int script = nodes_[id].script;
    const int own = labels_[label].script;
    if (options_.one_script && script != 0 && own != 0 && script != own) return;
    int child = children_.find(id, label);
    // A node outside the beam has no other source of mass, so it can be judged here.
    const bool outside = child == kNone || nodes_[child].active != frame_;
    if (outside && value < floor) return;
    if (child == kNone) {
      child = add(id, nodes_[id].history, label);
      children_.insert(id, label, child);
    }
    Mass& later = touch(child);
    later.label += value;
    later.note(value, longer(mass.trace, label));
  }

  // A separator takes no time in a word.
  Trace longer(Trace trace, int label) const {
    if (labels_[label].text.empty()) return trace;
    if (trace.start == kNone) trace.start = frame_;
    trace.end = frame_ + 1;
    if (gains_ != nullptr) trace.gain += gains_[label];
    return trace;
  }

  void prune() {
    double best = -std::numeric_limits<double>::infinity();
    ranked_.clear();
    for (const int id : touched_) {
      const Node& node = nodes_[id];
      const double total = node.later.total();
      if (total <= 0.0) continue;
      ranked_.emplace_back(std::log(total) + histories_[node.history].score + node.bonus, id);
      best = std::max(best, ranked_.back().first);
    }
    // Probabilities too small to be told from zero: the frame is skipped.
    if (ranked_.empty()) {
      for (const int id : beam_) nodes_[id].active = frame_ + 1;
      return;
    }
    const double margin = best - options_.margin;
    ranked_.erase(std::remove_if(ranked_.begin(), ranked_.end(),
                                 [&](const auto& entry) { return entry.first < margin; }),
                  ranked_.end());
    if (static_cast<int>(ranked_.size()) > options_.beam) {
      std::nth_element(ranked_.begin(), ranked_.begin() + options_.beam, ranked_.end(),
                       [](const auto& a, const auto& b) {
                         return a.first != b.first ? a.first > b.first : a.second < b.second;
                       });
      ranked_.resize(options_.beam);
    }
    beam_.clear();
    double top = 0.0;
    for (const auto& entry : ranked_) {
      beam_.push_back(entry.second);
      top = std::max(top, nodes_[entry.second].later.total());
    }
    for (const int id : beam_) {
      Node& node = nodes_[id];
      node.now = node.later;
      node.now.blank /= top;
      node.now.label /= top;
      node.active = frame_ + 1;
    }
    scale_ += std::log(top);
  }

  double score(int id) const {
    const Node& node = nodes_[id];
    return std::log(node.now.total()) + histories_[node.history].score + node.bonus;
  }

  Mass& touch(int id) {
    Node& node = nodes_[id];
    if (node.touched != frame_) {
      node.touched = frame_;
      node.later = Mass{};
      touched_.push_back(id);
    }
    return node.later;
  }

  int add(int parent, int history, int label) {
    const int id = static_cast<int>(nodes_.size());
    Node node{};
    node.parent = parent;
    node.history = history;
    node.label = label;
    node.script = label == kNone ? 0 : labels_[label].script;
    if (node.script == 0 && parent != kNone) node.script = nodes_[parent].script;
    node.prefix = parent == kNone ? Lookahead::kRoot : nodes_[parent].prefix;
    node.letters = parent == kNone ? 0 : nodes_[parent].letters;
    if (label != kNone) {
      node.prefix = lookahead_.walk(node.prefix, labels_[label].text);
      node.letters += letters(labels_[label].text);
    }
    node.bonus = lookahead_.best(node.prefix, node.letters);
    nodes_.push_back(node);
    if (!bonuses_.empty()) {
      const auto found = bonuses_.find(text(id));
      if (found != bonuses_.end()) nodes_[id].bonus += found->second;
    }
    return id;
  }

  static int letters(const std::string& text) {
    return static_cast<int>(std::count_if(text.begin(), text.end(), [](unsigned char byte) {
      return (byte & 0xC0) != 0x80;  // Not a continuation of UTF-8.
    }));
  }

  int first(int history, int label) {
    int id = firsts_.find(history, label);
    if (id == kNone) {
      id = add(kNone, history, label);
      firsts_.insert(history, label, id);
    }
    return id;
  }

  std::string text(int id) const {
    path_.clear();
    for (int at = id; at != kNone; at = nodes_[at].parent) {
      if (nodes_[at].label != kNone) path_.push_back(nodes_[at].label);
    }
    std::string result;
    for (auto at = path_.rbegin(); at != path_.rend(); ++at) result += labels_[*at].text;
    return result;
  }

  // The history after the word that a node writes; its own history while the word is empty.
  int complete(int id) {
    if (nodes_[id].next != kNone) return nodes_[id].next;
    const std::string word = text(id);
    const int history = nodes_[id].history;
    int next = history;
    if (!word.empty()) {
      const int surface = vocabulary_.surface(word);
      const int form = vocabulary_.form_of(surface);
      nodes_[id].surface = surface;
      next = successors_.find(history, form);
      if (next == kNone) {
        const auto [gain, state] = vocabulary_.score(histories_[history].state, form);
        next = static_cast<int>(histories_.size());
        histories_.push_back({history, form, state, histories_[history].depth + 1,
                              histories_[history].score + gain, {}});
        successors_.insert(history, form, next);
      }
    }
    nodes_[id].next = next;
    return next;
  }

  // Note that the word of a node brings mass to its history.
  void spell(int id, const Mass& mass, double value) {
    const int surface = nodes_[id].surface;
    for (Spelling& known : histories_[nodes_[id].next].spellings) {
      if (known.surface != surface) continue;
      known.mass += value;
      if (value > known.best) {
        known.best = value;
        known.trace = mass.trace;
      }
      return;
    }
    histories_[nodes_[id].next].spellings.push_back({surface, value, value, mass.trace});
  }

  std::vector<Row> words(int history) const {
    std::vector<Row> rows;
    for (int at = history; histories_[at].parent != kNone; at = histories_[at].parent) {
      const auto& spellings = histories_[at].spellings;
      const auto best = std::max_element(
          spellings.begin(), spellings.end(),
          [](const Spelling& a, const Spelling& b) { return a.mass < b.mass; });
      rows.push_back({best->surface, histories_[at].form, best->trace});
    }
    std::reverse(rows.begin(), rows.end());
    return rows;
  }

  // Words of `mine` gain the weight of `other` where it has the same word at the same time.
  static void vote(const std::vector<Row>& mine, const std::vector<Row>& other, double weight,
                   std::vector<double>& confidence) {
    std::size_t j = 0;
    for (std::size_t i = 0; i < mine.size(); ++i) {
      while (j < other.size() && other[j].trace.end <= mine[i].trace.start) ++j;
      for (std::size_t k = j; k < other.size() && other[k].trace.start < mine[i].trace.end; ++k) {
        if (other[k].form != mine[i].form) continue;
        confidence[i] += weight;
        break;
      }
    }
  }

  int ancestor(int a, int b) const {
    while (a != b) {
      if (histories_[a].depth < histories_[b].depth) std::swap(a, b);
      a = histories_[a].parent;
    }
    return a;
  }

  // Forget all nodes and histories that no hypothesis of the beam goes through.
  void compact() {
    std::vector<int> node_ids(nodes_.size(), kNone), history_ids(histories_.size(), kNone);
    for (const int id : beam_) {
      for (int at = id; at != kNone; at = nodes_[at].parent) node_ids[at] = 0;
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (node_ids[i] == kNone) continue;
      for (int at = nodes_[i].history; at != kNone && history_ids[at] == kNone;
           at = histories_[at].parent) {
        history_ids[at] = 0;
      }
    }
    // Parents stand before their children, so one pass in order can rename them.
    std::vector<History> histories;
    successors_.clear();
    for (std::size_t i = 0; i < histories_.size(); ++i) {
      if (history_ids[i] == kNone) continue;
      history_ids[i] = static_cast<int>(histories.size());
      histories.push_back(std::move(histories_[i]));
      History& kept = histories.back();
      if (kept.parent == kNone) continue;
      kept.parent = history_ids[kept.parent];
      successors_.insert(kept.parent, kept.form, history_ids[i]);
    }
    std::vector<Node> nodes;
    children_.clear();
    firsts_.clear();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (node_ids[i] == kNone) continue;
      node_ids[i] = static_cast<int>(nodes.size());
      nodes.push_back(nodes_[i]);
      Node& kept = nodes.back();
      kept.history = history_ids[kept.history];
      kept.next = kept.next == kNone ? kNone : history_ids[kept.next];
      if (kept.parent != kNone) {
        kept.parent = node_ids[kept.parent];
        children_.insert(kept.parent, kept.label, node_ids[i]);
      } else if (kept.label != kNone && labels_[kept.label].starts) {
        firsts_.insert(kept.history, kept.label, node_ids[i]);
      }
    }
    for (int& id : beam_) id = node_ids[id];
    nodes_.swap(nodes);
    histories_.swap(histories);
    // A beam so wide that it needs most of them is not asked again at once.
    most_ = std::max(kCompact, 2 * nodes_.size());
  }

  const std::vector<Label> labels_;
  const int blank_;
  const Options options_;
  const std::unordered_map<std::string, double> bonuses_;
  const Lookahead& lookahead_;
  Vocabulary& vocabulary_;
  double max_bonus_ = 0.0;
  const double* gains_ = nullptr;
  double scale_ = 0.0;
  int frame_ = 0;
  std::size_t most_ = kCompact;
  std::vector<Node> nodes_;
  std::vector<History> histories_;
  PairMap children_, firsts_, successors_;
  std::vector<int> beam_, touched_;
  std::vector<std::pair<int, double>> candidates_;
  std::vector<std::pair<double, int>> ranked_;
  mutable std::vector<int> path_;
};

// The log-probability of a label sequence, summed over all its alignments (Graves et al. 2006).
double forward(const Frames& frames, const std::vector<int>& labels, int blank) {
  const auto view = frames.unchecked<2>();
  const std::size_t states = 2 * labels.size() + 1;
  std::vector<double> now(states, 0.0), later(states);
  double scale = 0.0;
  now[0] = 1.0;
  for (py::ssize_t t = 0; t < view.shape(0); ++t) {
    double top = 0.0;
    for (std::size_t s = 0; s < states; ++s) {
      const int label = s % 2 ? labels[s / 2] : blank;
      double mass = now[s];
      // Before the first frame only the first state is real, and it may be left at once.
      if (s >= 1) mass += now[s - 1];
      if (s >= 2 && s % 2 && (t > 0) && labels[s / 2] != labels[s / 2 - 1]) mass += now[s - 2];
      later[s] = mass * std::exp(view(t, label));
      top = std::max(top, later[s]);
    }
    if (top <= 0.0) return -std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < states; ++s) now[s] = later[s] / top;
    scale += std::log(top);
  }
  return std::log(now[states - 1] + (states > 1 ? now[states - 2] : 0.0)) + scale;
}

std::vector<Label> make_labels(const std::vector<std::string>& texts,
                               const std::vector<bool>& starts, const std::vector<bool>& usable,
                               const std::vector<int>& scripts) {
  std::vector<Label> labels;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    labels.push_back({texts[i], starts[i], usable[i], scripts[i]});
  }
  return labels;
}

}  // namespace

PYBIND11_MODULE(_beam, module) {
  module.doc() = "CTC prefix beam search over words.";
  py::class_<Vocabulary>(module, "Vocabulary")
      .def(py::init<py::object, py::object>(), py::arg("canonical"), py::arg("scorer"));
  py::class_<Lookahead>(module, "Lookahead")
      .def(py::init<const std::vector<std::pair<std::string, double>>&, double, double, double>(),
           py::arg("words"), py::arg("unknown"), py::arg("offset"), py::arg("usual"));
  py::class_<Search>(module, "Search")
      .def(py::init([](const std::vector<std::string>& texts, const std::vector<bool>& starts,
                       const std::vector<bool>& usable, const std::vector<int>& scripts, int blank,
                       int beam, double token_floor, double margin, double blank_skip,
                       bool one_script, std::unordered_map<std::string, double> bonuses,
                       const Lookahead& lookahead, Vocabulary& vocabulary) {
             return Search(make_labels(texts, starts, usable, scripts), blank,
                           {beam, token_floor, margin, blank_skip, one_script}, std::move(bonuses),
                           lookahead, vocabulary);
           }),
           py::kw_only(), py::arg("texts"), py::arg("starts"), py::arg("usable"),
           py::arg("scripts"), py::arg("blank"), py::arg("beam"), py::arg("token_floor"),
           py::arg("margin"), py::arg("blank_skip"), py::arg("one_script"), py::arg("bonuses"),
           py::arg("lookahead"), py::arg("vocabulary"), py::keep_alive<1, 13>(),
           py::keep_alive<1, 14>())
      .def("feed", &Search::feed, py::arg("frames"), py::arg("gains") = py::none())
      .def("best", &Search::best, py::arg("count"))
      .def("partial", &Search::partial)
      .def_property_readonly("frames", &Search::frames);
  module.def("forward", &forward, py::arg("frames"), py::arg("labels"), py::arg("blank"),
             "The log-probability of a label sequence, summed over all its alignments.");
}
