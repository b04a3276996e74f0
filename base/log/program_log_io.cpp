#include "base/log/program_log_io.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/log/line_writer_io.h"
#include "base/log/log_outlet_io.h"

namespace holdfast {

namespace {

// journald and our syslog outlet read the level from a "<N>" prefix (sd-daemon(3)).
class level_prefix : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    static constexpr std::array<char, 7> levels{'7', '7', '6', '4', '3', '2', '6'};
    out.push_back('<');
    out.push_back(levels.at(static_cast<std::size_t>(message.level)));
    out.push_back('>');
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<level_prefix>(); }
};

std::unique_ptr<spdlog::formatter> make_formatter(bool with_level_prefix) {
  auto made = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (with_level_prefix) {
    made->add_flag<level_prefix>('*').set_pattern("%*%v");
  } else {
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v");
  }
  return made;
}

std::string format_gap(spdlog::formatter& form, std::uint64_t lost) {
  spdlog::memory_buf_t text;
  form.format({"", spdlog::level::warn, "log=lost lines=" + std::to_string(lost)}, text);
  return {text.data(), text.size()};
}

class queue_sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  queue_sink(std::unique_ptr<spdlog::formatter> form, line_writer::outlet to)
      : base_sink(form->clone()),
        writer_([form = std::shared_ptr<spdlog::formatter>(std::move(form))](std::uint64_t lost) {
          return format_gap(*form, lost);
        }) {
    writer_.turn_to(std::move(to));
  }
  std::uint64_t lost() const { return writer_.lost(); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    writer_.push({text.data(), text.size()});
  }
  void flush_() override {}

  line_writer writer_;
};

}  // namespace

program_log::program_log(place to, const char* program) {
  const bool to_syslog = to == place::syslog;
  auto sink = std::make_shared<queue_sink>(make_formatter(to_syslog || std::getenv("JOURNAL_STREAM") != nullptr),
                                           to_syslog ? outlet_to_syslog(program) : outlet_to_standard_error());
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("holdfast", std::move(sink)));
}

program_log::~program_log() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("ended")); }

void program_log::set_level(std::uint32_t verbosity) {
  spdlog::set_level(verbosity == 0 ? spdlog::level::info : spdlog::level::debug);
}

std::uint64_t program_log::lost() {
  const auto& sinks = spdlog::default_logger_raw()->sinks();
  const auto* ours = sinks.empty() ? nullptr : dynamic_cast<const queue_sink*>(sinks.front().get());
  return ours == nullptr ? 0 : ours->lost();
}

}  // namespace holdfast
