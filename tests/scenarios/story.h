// Stories in text over a simulated service, one sentence a line:
//
//   say COMMAND                          a command of the language, of the service `default`
//   at TIME SENTENCE                     the clock moves to TIME first; it never runs backwards
//   kill|hang|reset|revive SERVER        its machine refuses connects | answers nothing | resets all | is well again
//   blacklist SERVER TIME
//   client ADDRESS expects WHERE         visits, is served and leaves. WHERE: a server, emergency, abuse, nobody,
//   refused client ADDRESS holds WHERE           stays connected client ADDRESS leaves|vanishes       its last
//   connection ends in order | with a reset client ADDRESS is closed REASON      its last connection has ended: idle,
//   server_gone, ... crowd NUMBER expects SERVER LOW..HIGH   so many new clients visit; the server's share in percent
//   lies in between expect SERVER up|down|blacklisted|listed_no_more expect SERVER NUMBER connections expect panic
//   on|off within TIME expect ...               becomes true in that time
#pragma once

#include <string>
#include <string_view>

namespace holdfast::sim {

// What went wrong, as "line 7: ...", or "" when all came true.
std::string tell(std::string_view text);

}  // namespace holdfast::sim
