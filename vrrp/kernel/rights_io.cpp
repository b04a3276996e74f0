#include "vrrp/kernel/rights_io.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace holdfast {

namespace {

constexpr std::uint32_t kept = 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW;

std::string because(const std::string& what) { return what + ": " + std::strerror(errno); }

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(because(what)); }

bool lift(__rlimit_resource what) {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(what, &unlimited) == 0) return true;
  rlimit now{};
  if (getrlimit(what, &now) != 0) return false;
  now.rlim_cur = now.rlim_max;
  return setrlimit(what, &now) == 0 && now.rlim_max == RLIM_INFINITY;
}

// Memory to come is locked only without a limit: with one, and without the capability that we are about to drop, an
// allocation would fail some day.
std::string lock_memory() {
  const bool unlimited = lift(RLIMIT_MEMLOCK);
  if (mlockall(unlimited ? MCL_CURRENT | MCL_FUTURE : MCL_CURRENT) != 0) return because("memory isn't locked");
  return unlimited ? "" : "only the memory of the start is locked: RLIMIT_MEMLOCK is limited";
}

std::string take_precedence() {
  const bool unlimited = lift(RLIMIT_RTTIME);
  const sched_param lowest{.sched_priority = sched_get_priority_min(SCHED_FIFO)};
  if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest) != 0) return because("no real-time priority");
  return unlimited ? "" : "RLIMIT_RTTIME limits our time at real-time priority";
}

struct capabilities {
  __user_cap_header_struct head{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> parts{};

  capabilities() {
    if (syscall(SYS_capget, &head, parts.data()) != 0) fail("can't ask for our capabilities");
  }
  void apply() {
    if (syscall(SYS_capset, &head, parts.data()) != 0) fail("can't drop capabilities");
  }
};

// The bounding set can be narrowed only with CAP_SETPCAP; without it, what isn't permitted can't be regained either,
// since we give up new privileges.
void narrow_bounds() {
  for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; ++c) {
    if (c == CAP_NET_ADMIN || c == CAP_NET_RAW) continue;
    if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) != 0 && errno != EPERM) fail("can't narrow the capabilities");
  }
}

void become(const std::string& user) {
  const passwd* who = getpwnam(user.c_str());
  if (who == nullptr) throw std::runtime_error("there is no user " + user);
  if (who->pw_uid == geteuid()) return;
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) fail("can't keep capabilities");
  if (initgroups(user.c_str(), who->pw_gid) != 0 || setresgid(who->pw_gid, who->pw_gid, who->pw_gid) != 0 ||
      setresuid(who->pw_uid, who->pw_uid, who->pw_uid) != 0) {
    fail("can't become " + user);
  }
}

}  // namespace

std::vector<std::string> settle_in(const process_wishes& wishes) {
  std::vector<std::string> out;
  const auto note = [&out](std::string why) {
    if (!why.empty()) out.push_back(std::move(why));
  };
  if (wishes.lock_memory) note(lock_memory());
  if (wishes.realtime) note(take_precedence());
  return out;
}

namespace {

// Root without rights is stopped by other users' sockets: as a member of the group it may still use the balancer's, and
// give its own to the group.
void join_group(const char* name) {
  const ::group* found = getgrnam(name);
  if (found == nullptr || geteuid() != 0) return;
  std::vector<gid_t> all(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
  if (getgroups(static_cast<int>(all.size()), all.data()) < 0) return;
  all.push_back(found->gr_gid);
  if (setgroups(all.size(), all.data()) != 0) fail("can't join the group " + std::string(name));
}

}  // namespace

void drop_rights(const process_wishes& wishes) {
  if (!wishes.group.empty()) join_group(wishes.group.c_str());
  narrow_bounds();
  if (!wishes.user.empty()) become(wishes.user);
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) fail("can't clear the ambient capabilities");
  capabilities own;
  own.parts[0].permitted &= kept;
  own.parts[0].effective = own.parts[0].permitted;
  own.parts[0].inheritable = 0;
  own.parts[1] = {};
  own.apply();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("can't give up new privileges");
  if (prctl(PR_SET_DUMPABLE, wishes.holds_key ? 0 : 1, 0, 0, 0) != 0) fail("can't refuse core files");
}

}  // namespace holdfast
