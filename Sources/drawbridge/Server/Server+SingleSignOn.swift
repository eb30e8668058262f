import Configuration
import HTTPClient
import IssueModel
import SingleSignOn
import Store
import WebAPI

extension Server {
    /// The sign-in provider that the settings name; `nil` where they name none.
    static func provider(_ settings: SettingValues, store: Store) throws -> ProviderSignIn? {
        guard let issuer = settings[SettingsTable.ssoIssuer] else { return nil }
        guard let publicURL = settings[SettingsTable.publicURL] else {
            throw SingleSignOnError(.misconfigured, "Single sign-on needs the server's public URL (server.public-url).")
        }
        var configuration = ProviderSignIn.Configuration(
            issuer: issuer, clientID: settings[SettingsTable.ssoClientID] ?? "",
            clientSecret: settings[SettingsTable.ssoClientSecret])
        configuration.groupClaim = settings[SettingsTable.ssoGroups]
        configuration.groupRules = settings[SettingsTable.ssoRoles]
        configuration.admitsNewMembers = settings[SettingsTable.ssoAdmit]
        configuration.domains = settings[SettingsTable.ssoDomains]
        return try ProviderSignIn(
            configuration, publicURL: publicURL, transport: CurlTransport(), key: try store.secretKey()
        ) { store.now.rawValue / 1_000 }
    }
}
