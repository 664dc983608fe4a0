#include "libs/rpc/server_credentials.h"

#include <grpc/grpc.h>
#include <grpc/slice.h>

#include <string_view>

#include "libs/base/check.h"
#include "libs/observe/log.h"
#include "libs/rpc/metadata.h"
#include "libs/rpc/tls_files.h"

namespace gatehouse::rpc {
namespace {

std::string_view View(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)), GRPC_SLICE_LENGTH(slice)};
}

// Empty unless the connection has exactly one.
std::string_view CertificateOf(const grpc_auth_context* connection) {
  grpc_auth_property_iterator properties =
      grpc_auth_context_find_properties_by_name(connection, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  const grpc_auth_property* certificate = grpc_auth_property_iterator_next(&properties);
  if (certificate == nullptr || grpc_auth_property_iterator_next(&properties) != nullptr) return {};
  return {certificate->value, certificate->value_length};
}

// On gRPC's thread, when the headers of a call are there and nothing of its message has been read.
void Judge(void* gatekeeper, grpc_auth_context* connection, const grpc_metadata* metadata, size_t entries,
           grpc_process_auth_metadata_done_cb done, void* call) {
  Gatekeeper::Headers headers{.certificate = CertificateOf(connection)};
  for (size_t i = 0; i < entries; ++i) {
    const std::string_view key = View(metadata[i].key);
    if (key == ":path") headers.path = View(metadata[i].value);
    if (key == kLocalTokenKey || key == kLocalIdentityKey) headers.claims_to_be_local = true;
  }
  static_cast<Gatekeeper*>(gatekeeper)->Judge(headers, [done, call](const absl::Status& status) {
    done(call, nullptr, 0, nullptr, 0, static_cast<grpc_status_code>(status.code()),
         status.ok() ? nullptr : std::string(status.message()).c_str());
  });
}

}  // namespace

void ReloadingServerCredentials::SetAuthMetadataProcessor(
    const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) {
  GH_CHECK(false);
}

int ReloadingServerCredentials::AddPortToServer(const std::string& address, grpc_server* server) {
  grpc_server_credentials* credentials =
      grpc_ssl_server_credentials_create_with_options(grpc_ssl_server_credentials_create_options_using_config_fetcher(
          GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, &Fetch, this));
  if (gatekeeper_ != nullptr) {
    grpc_server_credentials_set_auth_metadata_processor(credentials,
                                                        {.process = &Judge, .destroy = nullptr, .state = gatekeeper_});
  }
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
