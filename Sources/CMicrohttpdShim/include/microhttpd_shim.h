#pragma once
#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// What Swift cannot call itself: variadic functions, unions and closed C enumerations of libmicrohttpd.

typedef void *(*mhd_shim_begin)(void *context, const char *target, struct MHD_Connection *connection);
typedef enum MHD_Result (*mhd_shim_access)(void *context, struct MHD_Connection *connection, const char *url,
                                           const char *method, const char *version, const char *body,
                                           size_t *body_size, void **request);
typedef void (*mhd_shim_end)(void *context, struct MHD_Connection *connection, void **request,
                             enum MHD_RequestTerminationCode code);
typedef void (*mhd_shim_connection)(void *context, struct MHD_Connection *connection, void **connection_context,
                                    enum MHD_ConnectionNotificationCode code);
typedef enum MHD_Result (*mhd_shim_accept)(void *context, const struct sockaddr *address, socklen_t size);
typedef void (*mhd_shim_header)(void *context, const char *name, size_t name_size, const char *value,
                                size_t value_size);

struct mhd_shim_settings {
    int listen_socket;
    unsigned threads;
    unsigned idle_seconds;
    unsigned connections;
    size_t connection_memory;
    const char *certificate; // PEM, or NULL for plain HTTP; must outlive the daemon
    const char *key;
    void *context;
    mhd_shim_begin begin;
    mhd_shim_access access;
    mhd_shim_end end;
    mhd_shim_connection connection;
    mhd_shim_accept accept;
};

struct MHD_Daemon *mhd_shim_start(const struct mhd_shim_settings *settings);

/// Calls `each` for every request header.
void mhd_shim_headers(struct MHD_Connection *connection, mhd_shim_header each, void *context);

/// Writes the peer's numeric address, at most `size` bytes with the ending zero; empty where unknown.
void mhd_shim_remote_address(struct MHD_Connection *connection, char *buffer, size_t size);

/// Writes a numeric address, at most `size` bytes with the ending zero; empty where it is neither IPv4 nor IPv6.
void mhd_shim_address(const struct sockaddr *address, char *buffer, size_t size);

/// The connection's socket; -1 where it has none.
int mhd_shim_descriptor(struct MHD_Connection *connection);

/// Whether a connection was opened (1) or is about to be closed (0).
int mhd_shim_is_opening(enum MHD_ConnectionNotificationCode code);

/// Connections open at present.
unsigned mhd_shim_connections(struct MHD_Daemon *daemon);

/// Sends RST now; the connection is to be closed after it.
void mhd_shim_reset(struct MHD_Connection *connection);

/// A response with a private copy of `bytes`.
struct MHD_Response *mhd_shim_response(const void *bytes, size_t size);
