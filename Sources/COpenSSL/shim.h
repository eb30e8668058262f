#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stddef.h>
#include <stdint.h>

// What Swift cannot call itself: macros, and parameter lists that keep pointers to the names of their members.

/// Digests `message` by the algorithm called `name`; `digest` has room for EVP_MAX_MD_SIZE bytes.
/// Returns the digest's bytes, 0 where this build of OpenSSL lacks the algorithm.
static inline size_t copenssl_digest(const char *name, const uint8_t *message, size_t count, uint8_t *digest) {
    size_t size = 0;
    return EVP_Q_digest(NULL, name, NULL, message, count, digest, &size) == 1 ? size : 0;
}

/// RFC 2104 with the digest called `name`; as `copenssl_digest`.
static inline size_t copenssl_hmac(const char *name, const uint8_t *key, size_t key_size, const uint8_t *message,
                                   size_t count, uint8_t *tag) {
    size_t size = 0;
    // No key at all would mean "the key of the last call".
    const void *given = key_size > 0 ? (const void *)key : (const void *)"";
    return EVP_Q_mac(NULL, "HMAC", NULL, name, NULL, given, key_size, message, count, tag, EVP_MAX_MD_SIZE, &size)
                   != NULL
               ? size
               : 0;
}

static inline EVP_PKEY *copenssl_public_key(const char *type, OSSL_PARAM_BLD *builder) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!parameters || !context || EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

/// A public RSA key of a modulus and an exponent, both big-endian; NULL where they are none. Free it with EVP_PKEY_free.
static inline EVP_PKEY *copenssl_rsa_key(const uint8_t *modulus, size_t modulus_size, const uint8_t *exponent,
                                         size_t exponent_size) {
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_size, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_size, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (n && e && builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = copenssl_public_key("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

/// A public key on P-256 of an uncompressed point, 65 bytes; NULL where it is not on the curve. Free it with EVP_PKEY_free.
static inline EVP_PKEY *copenssl_p256_key(const uint8_t *point, size_t point_size) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, point_size) == 1)
        key = copenssl_public_key("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

/// Whether `signature` is one by `key` over the SHA-256 of `message`: PKCS #1 v1.5 for RSA, DER for elliptic curves.
static inline int copenssl_verify_sha256(EVP_PKEY *key, const uint8_t *message, size_t count,
                                         const uint8_t *signature, size_t signature_size) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int holds = context && EVP_DigestVerifyInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) == 1
        && EVP_DigestVerify(context, signature, signature_size, message, count) == 1;
    EVP_MD_CTX_free(context);
    return holds;
}

/// Writes the DER form of the 64 bytes r and s; `der` has room for 80 bytes. Returns its size, 0 where memory is short.
static inline size_t copenssl_ecdsa_der(const uint8_t *pair, uint8_t *der) {
    size_t size = 0;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(pair, 32, NULL);
    BIGNUM *s = BN_bin2bn(pair + 32, 32, NULL);
    if (signature && r && s && ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL; // they are the signature's now
        uint8_t *end = der;
        int written = i2d_ECDSA_SIG(signature, &end);
        size = written > 0 ? (size_t)written : 0;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return size;
}
