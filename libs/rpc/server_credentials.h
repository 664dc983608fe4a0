// Server credentials that require and verify a client certificate, and that follow their files. gRPC's own file watcher
// hands a broken file to the next handshake; its older per-handshake callback does not, so that is what is used here.
// Private to libs/rpc.
#pragma once

#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include <mutex>
#include <string>

#include "libs/rpc/channel.h"
#include "libs/rpc/gatekeeper.h"

namespace gatehouse::rpc {

// Outlives the server it is used for, not only the builder: every handshake asks it.
class ReloadingServerCredentials final : public grpc::ServerCredentials {
 public:
  // `gatekeeper` judges each call by its headers; null: none does. Outlives the server.
  ReloadingServerCredentials(TlsFiles files, Gatekeeper* gatekeeper)
      : files_(std::move(files)), gatekeeper_(gatekeeper) {}

  // The gatekeeper is the only one.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>& processor) override;

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override;
  static grpc_ssl_certificate_config_reload_status Fetch(void* self, grpc_ssl_server_certificate_config** config);
  grpc_ssl_certificate_config_reload_status FetchIfChanged(grpc_ssl_server_certificate_config** config);

  const TlsFiles files_;
  Gatekeeper* const gatekeeper_;
  std::mutex mutex_;
  std::string stamp_;  // of what was read last, good or not
};

}  // namespace gatehouse::rpc
