#include "base/tls/tls_session_io.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include "base/ensure.h"
#include "base/tls/digest_io.h"

namespace holdfast {

namespace {

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* what) const {
    Free(what);
  }
};
template <class T, auto Free>
using owned = std::unique_ptr<T, freed<Free>>;

tls_session::line& line_of(BIO* bio) { return *static_cast<tls_session::line*>(BIO_get_data(bio)); }

bool is_temporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int take_from(BIO* bio, char* room, int size) {
  auto& line = line_of(bio);
  BIO_clear_retry_flags(bio);
  const ssize_t bytes = recv(line.fd, room, static_cast<std::size_t>(size), 0);
  if (bytes > 0) line.in += static_cast<std::uint64_t>(bytes);
  if (bytes == 0) line.eof = true;
  if (bytes >= 0) return static_cast<int>(bytes);
  if (is_temporary(errno))
    BIO_set_retry_read(bio);
  else
    line.read_error = errno;
  return -1;
}

// After an error it asks for a retry that never comes: OpenSSL would let nobody read any more, and the peer's last
// words may still be there.
int give_to(BIO* bio, const char* bytes, int size) {
  auto& line = line_of(bio);
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send(line.fd, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent >= 0) {
    line.out += static_cast<std::uint64_t>(sent);
    return static_cast<int>(sent);
  }
  if (!is_temporary(errno)) line.write_error = errno;
  BIO_set_retry_write(bio);
  return -1;
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return line_of(bio).eof ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int begin(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

using method = owned<BIO_METHOD, BIO_meth_free>;

method make_method() {
  method made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket"));
  if (made == nullptr) throw std::runtime_error("OpenSSL: no memory for a socket");
  BIO_meth_set_create(made.get(), begin);
  BIO_meth_set_read(made.get(), take_from);
  BIO_meth_set_write(made.get(), give_to);
  BIO_meth_set_ctrl(made.get(), control);
  return made;
}

BIO* bio_over(tls_session::line& line) {
  static const method sockets = make_method();
  BIO* bio = BIO_new(sockets.get());
  if (bio == nullptr) throw std::runtime_error("OpenSSL: no memory for a socket");
  BIO_set_data(bio, &line);
  return bio;
}

}  // namespace

struct tls_context::impl {
  explicit impl(cluster_keys k) : keys(std::move(k)) {}

  cluster_keys keys;
  std::string label;
  std::string first, next;  // identities
  owned<SSL_CTX, SSL_CTX_free> context;

  static const impl& of(const SSL* ssl) {
    return *static_cast<const impl*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  }

  // A key as OpenSSL wants it: as a session to be resumed.
  static SSL_SESSION* session(SSL* ssl, const secret_key& key) {
    constexpr unsigned char aes_128_gcm_sha256[] = {0x13, 0x01};  // its SHA-256 also stands for ChaCha20's
    owned<SSL_SESSION, SSL_SESSION_free> made(SSL_SESSION_new());
    const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
    const bool good = made != nullptr && cipher != nullptr &&
                      SSL_SESSION_set1_master_key(made.get(), key.bytes().data(), key.bytes().size()) == 1 &&
                      SSL_SESSION_set_cipher(made.get(), cipher) == 1 &&
                      SSL_SESSION_set_protocol_version(made.get(), TLS1_3_VERSION) == 1;
    return good ? made.release() : nullptr;
  }

  static int offer(SSL* ssl, const EVP_MD*, const unsigned char** id, std::size_t* size, SSL_SESSION** session) {
    const impl& self = of(ssl);
    *id = reinterpret_cast<const unsigned char*>(self.first.data());
    *size = self.first.size();
    *session = self.session(ssl, self.keys.first);
    return *session != nullptr ? 1 : 0;
  }

  // No session for a stranger's label: the handshake then wants a certificate, and there is none.
  static int find(SSL* ssl, const unsigned char* id, std::size_t size, SSL_SESSION** session) {
    const impl& self = of(ssl);
    const std::string_view said(reinterpret_cast<const char*>(id), size);
    const secret_key* key = nullptr;
    if (said == self.first || said == self.label) key = &self.keys.first;
    if (self.keys.next && said == self.next) key = &*self.keys.next;
    *session = key != nullptr ? self.session(ssl, *key) : nullptr;
    return key == nullptr || *session != nullptr ? 1 : 0;
  }
};

std::string id_of(const secret_key& key) {
  constexpr std::string_view what = "holdfast key";
  const auto mac = hmac_sha256(key.bytes(), {reinterpret_cast<const std::uint8_t*>(what.data()), what.size()});
  char text[17];
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | mac[i];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

std::string ids_of(const cluster_keys& keys) { return id_of(keys.first) + (keys.next ? ' ' + id_of(*keys.next) : ""); }

tls_context::tls_context(cluster_keys keys, std::string label) {
  ensure(!label.empty() && label.size() <= 64);
  const auto made = std::make_shared<impl>(std::move(keys));
  made->label = std::move(label);
  made->first = made->label + ' ' + id_of(made->keys.first);
  if (made->keys.next) made->next = made->label + ' ' + id_of(*made->keys.next);
  made->context.reset(SSL_CTX_new(TLS_method()));
  SSL_CTX* context = made->context.get();
  const bool good = context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
                    SSL_CTX_set_num_tickets(context, 0) == 1;
  if (!good) throw std::runtime_error("OpenSSL: TLS 1.3 can't be had");
  SSL_CTX_set_app_data(context, made.get());
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);  // one recv for header and record
  SSL_CTX_set_psk_use_session_callback(context, impl::offer);
  SSL_CTX_set_psk_find_session_callback(context, impl::find);
  impl_ = made;
}

struct tls_session::impl {
  owned<SSL, SSL_free> ssl;
};

tls_session::tls_session(tls_context context, side which, int fd)
    : context_(std::move(context)), line_{.fd = fd}, impl_(std::make_unique<impl>()) {
  impl_->ssl.reset(SSL_new(context_.impl_->context.get()));
  SSL* ssl = impl_->ssl.get();
  if (ssl == nullptr) throw std::runtime_error("OpenSSL: no memory for a session");
  BIO* bio = bio_over(line_);
  SSL_set_bio(ssl, bio, bio);
  if (which == side::accepted) {
    SSL_set_accept_state(ssl);
  } else {
    SSL_set_connect_state(ssl);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);  // and nobody is trusted: a certificate can't stand in for the key
  }
}

tls_session::~tls_session() = default;

bool tls_session::shake() {
  if (end_) return false;
  ERR_clear_error();
  wants_write_ = false;
  const int status = SSL_do_handshake(impl_->ssl.get());
  if (status != 1) {
    judge(status);
    return false;
  }
  authenticated_ = SSL_session_reused(impl_->ssl.get()) == 1;  // the key was used, and nothing in its place
  if (!authenticated_) end_ = stream_end::not_authenticated;
  return authenticated_;
}

std::size_t tls_session::read(std::span<std::uint8_t> room) {
  ensure(authenticated_ && !room.empty());
  if (end_) return 0;
  ERR_clear_error();
  wants_write_ = false;
  std::size_t bytes = 0;
  const int status = SSL_read_ex(impl_->ssl.get(), room.data(), room.size(), &bytes);
  if (status == 1) return bytes;
  judge(status);
  return 0;
}

std::size_t tls_session::write(std::span<const std::uint8_t> bytes) {
  ensure(authenticated_ && !bytes.empty());
  if (end_ || line_.write_error != 0) return bytes.size();
  ERR_clear_error();
  wants_write_ = false;
  std::size_t taken = 0;
  const int status = SSL_write_ex(impl_->ssl.get(), bytes.data(), bytes.size(), &taken);
  if (status == 1) return taken;
  if (line_.write_error != 0) return bytes.size();
  judge(status);
  return 0;
}

void tls_session::part() {
  if (!authenticated_ || end_ || wants_write_ || line_.write_error != 0) return;
  ERR_clear_error();
  SSL_shutdown(impl_->ssl.get());
}

void tls_session::judge(int status) {
  switch (SSL_get_error(impl_->ssl.get(), status)) {
    case SSL_ERROR_WANT_READ: return;
    case SSL_ERROR_WANT_WRITE:
      if (line_.write_error == 0)
        wants_write_ = true;
      else
        end_ = why_broken();  // it can't go on reading before it has written
      return;
    case SSL_ERROR_ZERO_RETURN: end_ = stream_end::parted; return;
    default: end_ = why_broken();
  }
}

stream_end tls_session::why_broken() const {
  if (line_.read_error != 0) return end_of(line_.read_error);
  if (line_.write_error != 0) return end_of(line_.write_error);
  if (line_.eof) return stream_end::closed;
  return authenticated_ ? stream_end::protocol : stream_end::not_authenticated;
}

stream_end end_of(int error) {
  if (error == ECONNRESET || error == EPIPE) return stream_end::closed;
  return error == ECONNREFUSED ? stream_end::refused : stream_end::lost;
}

}  // namespace holdfast
