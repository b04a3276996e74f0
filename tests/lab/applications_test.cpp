// Real applications through the balancer: what their own clients see is what they see without it, also on a day when
// servers are drained, renamed, removed, killed and unplugged.
#include <algorithm>
#include <fstream>

#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

namespace fs = std::filesystem;

struct application {
  std::string port;
  std::function<std::vector<std::string>(const backend&)> server;  // in the foreground
  // Each client is a bash script. It says `busy` once it is at work, works until it is `enough`, and its status is 0
  // when all was right. Its variables: label (of this run), number (its own), host, port, mb, more. The first has one
  // connection all the time, the second many, and both see at once when one ends.
  std::vector<std::string> clients;
};

const std::string prelude = R"sh(
set -o pipefail
busy() { touch "$label.busy.$number"; }
enough() { [ -e "$label.enough" ]; }
wait_until() { until "$@"; do sleep 0.02; done; }
again_and_again() { busy; until "$@" || return; enough; do :; done; }
# Numbered blocks of 1 MB: mb of them, and up to `more`, more slowly, until it is enough. Their sum is in label.sent.
feed() {
  { for ((i = 1; i <= mb + more; ++i)); do
      echo "block $i" && cat block || return
      if [ $i = 3 ]; then busy; fi
      if [ $i -ge $mb ]; then if enough; then return; else sleep 0.05; fi; fi
    done; } | { tee >(sha256sum >$label.sent); wait $!; }
}
)sh";

// Everything that a program starts ends with it, as if it were one.
std::vector<std::string> as_one(std::vector<std::string> words, const std::string& user = "root") {
  std::vector<std::string> all{
      "unshare", "--pid",   "--fork",  "--kill-child", "--ipc",   "bash", "-c",           R"sh("$@"; exit $?)sh",
      "as_one",  "setpriv", "--reuid", user,           "--regid", user,   "--init-groups"};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

struct extent {
  int megabytes = 20;
  int more = 2000;          // sent while it is not enough
  std::size_t clients = 9;  // at most: the first so many
};

// The clients of one run, all at work when it is made.
class run {
 public:
  run(testbed& bed, const application& what, const std::string& label, const std::string& to, const extent& size)
      : enough_(bed.files().path() / (label + ".enough")) {
    for (const std::string& script : what.clients) {
      if (clients_.size() == size.clients) break;
      const std::string number = std::to_string(clients_.size());
      const std::string text = "cd " + bed.files().path().string() + "\nlabel=" + label + " number=" + number +
                               " host=" + to + " port=" + what.port + " mb=" + std::to_string(size.megabytes) +
                               " more=" + std::to_string(size.more) + prelude + script;
      clients_.push_back(
          bed.crowd().run(as_one({"bash", "-c", text}), {.output = bed.files().path() / (label + number + ".out")}));
      busy_.push_back(bed.files().path() / (label + ".busy." + number));
    }
    const bool all = eventually(
        [&] { return std::all_of(busy_.begin(), busy_.end(), [](const auto& file) { return fs::exists(file); }); },
        20s);
    EXPECT_TRUE(all) << label << ": not all clients have begun";
  }

  void expect_all_at_work() {
    for (process& each : clients_) EXPECT_TRUE(each.running()) << enough_ << ": ended early: " << each.output();
  }
  // All ends well when it is told to end.
  void expect_success() {
    std::ofstream(enough_).close();
    for (std::size_t i = 0; i < clients_.size(); ++i)
      EXPECT_EQ(clients_[i].wait(60s), std::optional(0)) << enough_ << ' ' << i << ": " << clients_[i].output();
  }
  // The first client notices within `limit` that its server is gone, and the others soon.
  void expect_trouble(duration limit) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      const std::optional<int> status = clients_[i].wait(i == 0 ? limit : 25s);
      EXPECT_TRUE(status && *status != 0) << enough_ << ' ' << i << ": noticed nothing: " << clients_[i].output();
    }
  }

 private:
  fs::path enough_;
  std::vector<fs::path> busy_;
  std::vector<process> clients_;
};

// One service whose servers run one application: s0, s1 and s2.
class farm {
 public:
  farm(testbed& bed, const application& what) : bed_(&bed), what_(&what), servers_(3) {
    for (int i = 0; i < 3; ++i) start(i);
    balancer_.emplace(bed, file({{"s0", 0}}));
  }

  using names = std::vector<std::pair<std::string, int>>;  // what the file calls them
  void reload(const names& servers) {
    balancer_->rewrite(file(servers));
    balancer_->tell("reload");
  }
  void tell(const std::string& command) { balancer_->tell("service app " + command); }
  std::size_t down() {
    const std::string table = balancer_->tell("servers");
    std::size_t count = 0;
    for (std::size_t at = 0; (at = table.find("down", at)) != std::string::npos; ++at) ++count;
    return count;
  }

  void start(int i) {
    backend& on = bed_->server(i);
    process& program = servers_[static_cast<std::size_t>(i)];
    program = on.machine().run(what_->server(on), {.output = bed_->files().path() / (on.name() + ".server.out")});
    const endpoint here = at(on.address4(), static_cast<std::uint16_t>(std::stoi(what_->port)));
    const bool up = eventually(
        [&] { return conversation(on.machine(), address(), here, 1s).trouble().empty() || !program.running(); }, 20s);
    ASSERT_TRUE(up && program.running()) << program.output();
  }
  void kill(int i) {
    servers_[static_cast<std::size_t>(i)].kill(9);
    servers_[static_cast<std::size_t>(i)].wait(5s);
  }
  void cut(int i) { bed_->net().cut(bed_->server(i).machine()); }
  void heal(int i) { bed_->net().heal(bed_->server(i).machine()); }

 private:
  std::string file(const names& servers) {
    std::string text = "service app\nlisten 192.0.2.80:" + what_->port +
                       "\ncheck tcp every 500ms rise 1 fall 2\nserver_down close after 1s\nblacklist 1\n";
    for (const auto& [name, number] : servers)
      text += "server " + name + " address " + bed_->server(number).address4() + " port " + what_->port + '\n';
    return text;
  }

  testbed* bed_;
  const application* what_;
  std::vector<process> servers_;
  std::optional<watched_balancer> balancer_;
};

// Nothing that happens to servers, their own or others, is seen by clients at work.
void expect_a_quiet_day(testbed& bed, farm& servers, const application& what, int megabytes) {
  const farm::names all{{"s0", 0}, {"s1", 1}, {"s2", 2}};
  servers.reload(all);
  run day(bed, what, "day", "192.0.2.80", {.megabytes = megabytes});  // its address is known: on s0
  for (const char* which : {"s1", "s0"}) servers.tell("server " + std::string(which) + " drain");
  servers.tell("server s0 enable");
  servers.reload({{"s0", 0}, {"t1", 1}, {"s2", 2}});
  servers.reload({{"t0", 0}, {"s1", 1}, {"s2", 2}});
  servers.reload({{"s0", 0}, {"s2", 2}});
  servers.reload(all);
  servers.kill(1);
  servers.cut(2);
  EXPECT_TRUE(eventually([&] { return servers.down() == 2; }, 10s));
  day.expect_all_at_work();
  day.expect_success();
  servers.start(1);
  servers.heal(2);
}

void expect_as_direct(testbed& bed, const application& what, int megabytes) {
  if (long_form()) megabytes *= 10;
  farm servers(bed, what);
  if (::testing::Test::HasFatalFailure()) return;
  for (const char* label : {"direct", "calm"}) {
    const std::string to = label == std::string_view("direct") ? bed.server(0).address4() : "192.0.2.80";
    run(bed, what, label, to, {.megabytes = megabytes, .more = 0}).expect_success();
  }
  const std::string direct = read_file(bed.files().path() / "direct.result");
  EXPECT_NE(direct, "");
  EXPECT_EQ(direct, read_file(bed.files().path() / "calm.result"));
  expect_a_quiet_day(bed, servers, what, megabytes);

  servers.reload({{"s0", 0}, {"s1", 1}});
  EXPECT_TRUE(eventually([&] { return servers.down() == 0; }, 10s));
  run removed(bed, what, "removed", "192.0.2.80", {});
  servers.reload({{"s1", 1}});
  removed.expect_success();  // within drain_time

  run killed(bed, what, "killed", "192.0.2.80", {.clients = 2});
  servers.kill(1);
  killed.expect_trouble(2s);

  servers.reload({{"s2", 2}});
  EXPECT_TRUE(eventually([&] { return servers.down() == 0; }, 10s));
  run cut(bed, what, "cut", "192.0.2.80", {.clients = 1});
  servers.reload({{"s2", 2}, {"s0", 0}});  // where half of the servers are alive, checks are believed
  servers.cut(2);
  cut.expect_trouble(8s);
}

void prepare(testbed& bed, const std::string& script) {
  process program = bed.front().run(as_one({"bash", "-ec", "cd " + bed.files().path().string() + "\n" + script}),
                                    {.output = bed.files().path() / "prepare.out"});
  ASSERT_EQ(program.wait(60s), std::optional(0)) << program.output();
}

const std::string make_block = "head -c 780000 /dev/urandom | base64 >block\n";

TEST(Applications, PostgresqlSeesNoBalancer) {
  testbed bed(3);
  const std::string programs = "/usr/lib/postgresql/15/bin/";
  prepare(bed, make_block + "PATH=$PATH:" + programs + R"sh(
chmod 777 .
as() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
as initdb -D s0.data --no-sync -A trust -E UTF8 --locale=C
echo 'host all all 0.0.0.0/0 trust' >>s0.data/pg_hba.conf
cat >>s0.data/postgresql.conf <<END
fsync = off
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
shared_buffers = 32MB
END
as pg_ctl -D s0.data -w -l prepare.log start
pgbench -i -q -h 127.0.0.1 -U postgres postgres
as pg_ctl -D s0.data -w stop
for to in s1 s2; do cp -a s0.data $to.data; done
)sh");
  if (HasFatalFailure()) return;
  const std::string connect = "export PATH=$PATH:" + programs +
                              " PGHOST=$host PGPORT=$port PGUSER=postgres PGDATABASE=postgres\n"
                              "sql() { psql -X -q -v ON_ERROR_STOP=1 \"$@\"; }\n";
  const std::string copy = R"sh(
feed | sql -c "create table $label (line text)" -c "copy $label from stdin" -c "copy $label to stdout" |
  sha256sum >$label.got && cmp $label.sent $label.got && cp $label.sent $label.result)sh";
  const std::string bench = R"sh(
bench() {
  pgbench -n -c 4 -t 50 >$label.bench && grep -q 'processed: 200/200' $label.bench &&
    grep -q 'failed transactions: 0 ' $label.bench || { cat $label.bench; return 1; }
}
again_and_again bench)sh";
  const std::string listener = R"sh(
{ echo "listen news;"; echo "\\! touch $label.busy.$number"; wait_until test -e $label.told; echo "select 1;"; } |
  sql | grep "notification \"news\" with payload \"$label\"")sh";
  const std::string notifier = R"sh(
{ echo "\\! touch $label.busy.$number"; wait_until enough; echo "notify news, '$label';"
  echo "\\! touch $label.told"; } | sql)sh";
  expect_as_direct(bed,
                   {.port = "5432",
                    .server =
                        [&](const backend& on) {
                          return as_one({programs + "postgres", "-D", (bed.files().path() / (on.name() + ".data")),
                                         "-c", "listen_addresses=" + on.address4()},
                                        "postgres");
                        },
                    .clients = {connect + copy, connect + bench, connect + listener, connect + notifier}},
                   20);
}

TEST(Applications, RedisSeesNoBalancer) {
  testbed bed(3);
  const std::string subscriber = R"sh(
exec 3<>/dev/tcp/$host/$port && printf 'SUBSCRIBE news\r\n' >&3 || exit
while IFS= read -r -t 60 -u 3 line; do
  case $line in
    subscribe*) busy ;;
    *"$label"*) exit 0 ;;
  esac
done
exit 1)sh";
  // Of connections that fail while it writes redis-benchmark says nothing, and waits for their answers for ever.
  const std::string bench = R"sh(
bench() { timeout 20 redis-benchmark -h $host -p $port -c 1000 -n 5000 -q incr $label; }
again_and_again bench)sh";
  const std::string publisher = R"sh(
{ echo "ping"; wait_until enough; echo "publish news $label"; } | redis-cli -h $host -p $port |
  { read -r pong && busy && read -r heard && echo "$pong $heard" | tee $label.result && [ "$heard" = 1 ]; })sh";
  expect_as_direct(bed,
                   {.port = "6379",
                    .server =
                        [&](const backend& on) {
                          return as_one({"redis-server", "--bind", on.address4(), "--save", "", "--protected-mode",
                                         "no", "--dir", bed.files().path()});
                        },
                    .clients = {subscriber, bench, publisher}},
                   20);
}

// Counts and sums what is sent to it in chunks: the program behind nginx.
constexpr const char* upload_server = R"sh(
import hashlib, http.server
class upload(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_PUT(self):
        assert self.headers['Transfer-Encoding'] == 'chunked'
        whole = hashlib.sha256()
        while size := int(self.rfile.readline(), 16):
            whole.update(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        reply = (whole.hexdigest() + '  -\n').encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)
http.server.ThreadingHTTPServer(('127.0.0.1', 8081), upload).serve_forever()
)sh";

std::string nginx_configuration(const std::string& own) {
  std::string text = "daemon off; pid " + own + ".pid; error_log " + own +
                     ".err;\nevents { worker_connections 1024; }\nhttp {\n  access_log off; client_max_body_size 0;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text += std::string("  ") + kind + "_temp_path " + own + "." + kind + ";\n";
  return text +
         "  server {\n    listen 8080;\n    location / { return 200 \"all is well\"; }\n"
         "    location /upload { proxy_pass http://127.0.0.1:8081; proxy_http_version 1.1; "
         "proxy_request_buffering off; }\n  }\n}\n";
}

TEST(Applications, NginxSeesNoBalancer) {
  testbed bed(3);
  prepare(bed, make_block);
  const fs::path program = bed.files().write("upload.py", upload_server);
  const std::string upload = R"sh(
feed | curl -sS -f -H Expect: -T - http://$host:$port/upload >$label.got &&
  cmp $label.sent $label.got && cp $label.sent $label.result)sh";
  const std::string bench = R"sh(
bench() {
  [ "$(curl -sS -f http://$host:$port/)" = 'all is well' ] || return
  wrk -t1 -c20 -d1s --timeout 5s http://$host:$port/ >$label.wrk &&
    grep -q ' [1-9][0-9]* requests in' $label.wrk && ! grep -q 'Socket errors\|Non-2xx' $label.wrk ||
    { cat $label.wrk; return 1; }
}
again_and_again bench)sh";
  expect_as_direct(
      bed,
      {.port = "8080",
       .server =
           [&](const backend& on) {
             const fs::path own = bed.files().path() / ("web_" + on.name());
             const fs::path file = bed.files().write("web_" + on.name() + ".conf", nginx_configuration(own));
             return as_one(
                 {"bash", "-c",
                  "python3 " + program.string() +
                      " & until (: </dev/tcp/127.0.0.1/8081) 2>/dev/null; do sleep 0.02; done; exec nginx -c " +
                      file.string()});
           },
       .clients = {upload, bench}},
      50);
}

TEST(Applications, SshAndRsyncSeeNoBalancer) {
  testbed bed(3);
  prepare(bed, make_block + R"sh(
for key in host client; do ssh-keygen -q -t ed25519 -N '' -f $key.key; done
cat >sshd.conf <<END
Port 2222
HostKey $PWD/host.key
AuthorizedKeysFile $PWD/client.key.pub
PermitRootLogin yes
PidFile none
UsePAM no
StrictModes no
END
mkdir -p /run/sshd
mkdir tree
for ((i = 0; i < 100; ++i)); do head -c 20000 /dev/urandom >tree/$i; done
for ((i = 0; i < )" +
                   std::to_string(long_form() ? 500 : 50) + R"sh(; ++i)); do echo $i; cat block; done >tree/large
)sh");
  if (HasFatalFailure()) return;
  const std::string connect =
      "ssh=\"ssh -F none -p $port -i client.key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
      "-o BatchMode=yes -o LogLevel=ERROR\"\n";
  const std::string session = R"sh(
feed | $ssh root@$host sha256sum >$label.got &&
  cmp $label.sent $label.got && cp $label.sent $label.result)sh";
  const std::string copies = R"sh(
copy() {
  rm -rf $label.copy
  rsync -a -e "$ssh" tree/ root@$host:$PWD/$label.copy/ && diff -r tree $label.copy
}
again_and_again copy)sh";
  expect_as_direct(bed,
                   {.port = "2222",
                    .server =
                        [&](const backend&) {
                          // Without what this machine's root has made of its shell.
                          return as_one({"unshare", "--mount", "bash", "-c",
                                         "mount -t tmpfs none /root && exec /usr/sbin/sshd -D -e -f " +
                                             (bed.files().path() / "sshd.conf").string()});
                        },
                    .clients = {connect + session, connect + copies}},
                   20);
}

}  // namespace
}  // namespace holdfast::lab
