internal import CArchive
internal import CCurl
internal import CMicrohttpd
internal import CSQLite
internal import CSodium
internal import CZstd

/// The C libraries that this process runs with, as they name themselves.
public enum LibraryVersions {
    public static let all: [(name: String, version: String)] = [
        ("SQLite", text(sqlite3_libversion())), ("libcurl", curl), ("libmicrohttpd", text(MHD_get_version())),
        ("libsodium", text(sodium_version_string())), ("Zstandard", text(ZSTD_versionString())),
        ("libarchive", String(text(archive_version_string()).split(separator: " ").last ?? "")),
    ]

    /// The second word of `libcurl/8.5.0 OpenSSL/3.0.13 …`.
    private static var curl: String {
        let words = text(curl_version()).split(separator: " ")
        return words.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
}
