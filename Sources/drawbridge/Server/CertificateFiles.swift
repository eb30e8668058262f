import Configuration
import Console
import Foundation
import WebServer

/// Where the server's certificate and its key are.
struct CertificateFiles: Sendable {
    private let chain: String
    private let key: String

    /// - Returns: `nil` where the server speaks plain HTTP.
    init?(_ settings: SettingValues) throws(UsageError) {
        switch (settings[SettingsTable.certificate], settings[SettingsTable.certificateKey]) {
        case (nil, nil): return nil
        case (let chain?, let key?): (self.chain, self.key) = (chain, key)
        default: throw UsageError("--certificate and --certificate-key belong together; give both")
        }
    }

    func read() throws -> ServerCertificate {
        ServerCertificate(
            chain: try String(contentsOfFile: chain, encoding: .utf8),
            key: try String(contentsOfFile: key, encoding: .utf8))
    }
}
