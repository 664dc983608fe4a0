#include "libs/rpc/server_credentials.h"

#include <grpc/grpc.h>

#include "libs/base/check.h"
#include "libs/observe/log.h"
#include "libs/rpc/tls_files.h"

namespace gatehouse::rpc {

void ReloadingServerCredentials::SetAuthMetadataProcessor(
    const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) {
  GH_CHECK(false);
}

int ReloadingServerCredentials::AddPortToServer(const std::string& address, grpc_server* server) {
  grpc_server_credentials* credentials =
      grpc_ssl_server_credentials_create_with_options(grpc_ssl_server_credentials_create_options_using_config_fetcher(
          GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, &Fetch, this));
  const int port = grpc_server_add_http2_port(server, address.c_str(), credentials);
  grpc_server_credentials_release(credentials);
  return port;
}

grpc_ssl_certificate_config_reload_status ReloadingServerCredentials::Fetch(
    void* self, grpc_ssl_server_certificate_config** config) {
  return static_cast<ReloadingServerCredentials*>(self)->FetchIfChanged(config);
}

grpc_ssl_certificate_config_reload_status ReloadingServerCredentials::FetchIfChanged(
    grpc_ssl_server_certificate_config** config) {
  std::lock_guard lock(mutex_);
  std::string stamp = StampOf(files_);
  if (stamp == stamp_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  stamp_ = std::move(stamp);
  const absl::StatusOr<TlsMaterial> material = ReadTlsFiles(files_);
  if (!material.ok()) {
    observe::LogWarning("certificates not reloaded, the last good ones stay",
                        {{"why", std::string(material.status().message())}});
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  }
  const grpc_ssl_pem_key_cert_pair pair{.private_key = material->key.Reveal().c_str(),
                                        .cert_chain = material->certificate.c_str()};
  *config = grpc_ssl_server_certificate_config_create(material->ca.c_str(), &pair, 1);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace gatehouse::rpc
