#include "cli/reply/cluster_view.h"

#include <algorithm>
#include <cmath>

namespace holdfast {

namespace {

namespace json = boost::json;

using row_of_cells = std::vector<json::value>;

template <class T>
json::value cell(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value();
}
json::value cell(const std::string& text) { return json::string(text); }
json::value cell(bool value) { return value ? "yes" : "no"; }
json::value cell(std::uint64_t value) { return value; }
json::value cell(const std::optional<bool>& value) { return value ? cell(*value) : json::value("unknown"); }

// Reads the cells of a row one after the other; `good` until one is of another kind.
class cell_reader {
 public:
  explicit cell_reader(const row_of_cells& row) : row_(row) {}

  void operator()(std::string& to) {
    const auto* text = next().if_string();
    good_ &= text != nullptr;
    if (text != nullptr) to.assign(text->data(), text->size());
  }
  void operator()(bool& to) {
    std::optional<bool> value;
    (*this)(value);
    good_ &= value.has_value();
    to = value.value_or(false);
  }
  void operator()(std::optional<bool>& to) {
    std::string word;
    (*this)(word);
    good_ &= word == "yes" || word == "no" || word == "unknown";
    if (word != "unknown") to = word == "yes";
  }
  void operator()(std::uint64_t& to) {
    std::optional<std::uint64_t> value;
    (*this)(value);
    good_ &= value.has_value();
    to = value.value_or(0);
  }
  template <class T>
  void operator()(std::optional<T>& to) {
    const json::value& cell = next();
    if (cell.is_null()) return;
    json::error_code no_number;
    const T value = cell.to_number<T>(no_number);
    good_ &= !no_number;
    if (!no_number) to = value;
  }

  bool good() const { return good_ && at_ == row_.size(); }

 private:
  const json::value& next() {
    static const json::value none;
    return at_ < row_.size() ? row_[at_++] : none;
  }

  const row_of_cells& row_;
  std::size_t at_ = 0;
  bool good_ = true;
};

// Each kind's table and its members in the order of the columns.
template <class Row>
struct shape;

template <>
struct shape<cluster_node> {
  static reply_table empty() {
    return {"nodes",
            {{"node"},
             {"here", unit::state},
             {"in_sync", unit::state},
             {"state"},
             {"since", unit::seconds},
             {"software"},
             {"uptime", unit::seconds},
             {"round_trip_ms", unit::count},
             {"offset_ms", unit::count},
             {"servers_alive", unit::count},
             {"servers", unit::count},
             {"connections", unit::count}}};
  }
  static constexpr auto members = [](auto& n, auto&& each) {
    each(n.name), each(n.here), each(n.in_sync), each(n.state), each(n.since), each(n.software), each(n.uptime);
    each(n.round_trip_ms), each(n.offset_ms), each(n.servers_alive), each(n.servers), each(n.connections);
  };
};

template <>
struct shape<cluster_role> {
  static reply_table empty() {
    return {"roles", {{"group"}, {"node"}, {"role", unit::state}, {"priority", unit::count}}};
  }
  static constexpr auto members = [](auto& r, auto&& each) {
    each(r.group), each(r.node), each(r.role), each(r.priority);
  };
};

template <>
struct shape<cluster_service> {
  static reply_table empty() {
    return {"sync",
            {{"service"},
             {"node"},
             {"clients_here", unit::count},
             {"clients_there", unit::count},
             {"equal", unit::state},
             {"compared", unit::seconds},
             {"waiting", unit::count},
             {"lag_ms", unit::count},
             {"confirmed", unit::count},
             {"timed_out", unit::count},
             {"no_peer", unit::count},
             {"wait_median_ms", unit::count},
             {"wait_p99_ms", unit::count}}};
  }
  static constexpr auto members = [](auto& s, auto&& each) {
    each(s.service), each(s.node), each(s.here), each(s.there), each(s.equal), each(s.compared), each(s.waiting);
    each(s.lag_ms), each(s.confirmed), each(s.timed_out), each(s.no_peer), each(s.wait_median_ms), each(s.wait_p99_ms);
  };
};

template <>
struct shape<cluster_difference> {
  static reply_table empty() { return {"differences", {{"node"}, {"line"}}}; }
  static constexpr auto members = [](auto& d, auto&& each) { each(d.node), each(d.line); };
};

template <class Row>
reply_table table_of(const std::vector<Row>& rows) {
  reply_table made = shape<Row>::empty();
  for (const Row& r : rows) {
    auto& cells = made.rows.emplace_back();
    shape<Row>::members(r, [&](const auto& member) { cells.push_back(cell(member)); });
  }
  return made;
}

template <class Row>
bool read_table(const reply& from, std::vector<Row>& to) {
  const reply_table wanted = shape<Row>::empty();
  const auto found =
      std::find_if(from.tables.begin(), from.tables.end(), [&](const reply_table& t) { return t.name == wanted.name; });
  if (found == from.tables.end() || found->columns.size() != wanted.columns.size()) return false;
  for (const auto& row : found->rows) {
    cell_reader read(row);
    shape<Row>::members(to.emplace_back(), read);
    if (!read.good()) return false;
  }
  return true;
}

std::string at_a_glance(const cluster_view& v) {
  if (v.nodes.size() < 2) return std::string(no_cluster_words);
  std::string trouble;
  for (const cluster_node& n : v.nodes) {
    if (!n.here && n.state != in_sync_words) trouble += (trouble.empty() ? "" : "; ") + n.name + ": " + n.state;
  }
  std::string text = trouble.empty() ? std::string(in_sync_words) : trouble;
  for (const cluster_node& n : v.nodes) {
    const std::chrono::duration<double, std::milli> offset(std::abs(n.offset_ms.value_or(0)));
    if (offset >= clocks_apart) text += "; " + clocks_differ_words(n.name, *n.offset_ms);
  }
  return v.differences.empty() ? text : text + "; the configurations differ";
}

}  // namespace

const cluster_node* cluster_view::here() const {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [](const auto& n) { return n.here; });
  return found == nodes.end() ? nullptr : &*found;
}

bool cluster_view::in_sync() const {
  return nodes.size() > 1 && std::all_of(nodes.begin(), nodes.end(), [](const auto& n) { return n.here || n.in_sync; });
}

std::uint64_t cluster_view::waiting() const {
  std::uint64_t sum = 0;
  for (const cluster_service& s : services) sum += s.waiting;
  return sum;
}

std::string clocks_differ_words(const std::string& node, double its_offset_ms) {
  return "the clocks differ by " + std::to_string(std::llround(std::abs(its_offset_ms) / 1000)) + " s: " + node +
         (its_offset_ms > 0 ? " is ahead" : " is behind");
}

reply cluster_answer(const cluster_view& v) {
  reply r;
  r.message = at_a_glance(v);
  r.tables = {table_of(v.nodes), table_of(v.roles), table_of(v.services), table_of(v.differences)};
  return r;
}

std::optional<cluster_view> read_cluster(const reply& r) {
  cluster_view v;
  const bool whole = r.is == verdict::done && read_table(r, v.nodes) && read_table(r, v.roles) &&
                     read_table(r, v.services) && read_table(r, v.differences);
  return whole ? std::optional(std::move(v)) : std::nullopt;
}

}  // namespace holdfast
