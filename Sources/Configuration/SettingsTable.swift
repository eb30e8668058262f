/// Every setting there is. `docs/settings.md` shows the same table.
public enum SettingsTable {
    /// In the order they are shown.
    public static let all: [Setting] = [
        dataFolder.setting, secret.setting, logLevel.setting, logFormat.setting, metricsFile.setting,
        atlassianAPI.setting, atlassianAuth.setting, secretKey.setting, secretKeyFile.setting, host.setting,
        port.setting, publicURL.setting, certificate.setting,
        certificateKey.setting, trustedProxies.setting, connections.setting, requestsPerClient.setting,
        apiOrigins.setting, webhookHosts.setting, ssoIssuer.setting, ssoClientID.setting,
        ssoClientSecret.setting, ssoGroups.setting, ssoRoles.setting, ssoAdmit.setting, ssoDomains.setting,
        backupFolder.setting,
        backupEvery.setting, backupKeep.setting, upgradeCopy.setting,
    ]

    /// The setting of this name.
    ///
    /// - Throws: ``SettingError`` where there is none.
    public static func named(_ name: String) throws(SettingError) -> Setting {
        guard let setting = all.first(where: { $0.name == name }) else {
            throw SettingError(
                .unknown, "There is no setting '\(name.prefix(80))'; 'drawbridge settings list' shows all of them")
        }
        return setting
    }

    // MARK: This process

    public static let dataFolder = SettingKey<String>.text(
        .init(
            name: "data", flag: "--data", place: .process,
            summary: "the data folder"), .path, default: "drawbridge-data")

    public static let secret = SettingKey<String?>.optional(
        .init(
            name: "secret", place: .process,
            summary: "the secret of `source add` and `source test` where no file is named"), isSecret: true)

    public static let logLevel = SettingKey<String>.choice(
        .init(
            name: "log.level", variable: "LOG", place: .process,
            summary: "events from this level up go to standard error"),
        of: ["debug", "info", "warning", "error"], default: "error")

    public static let logFormat = SettingKey<String>.choice(
        .init(
            name: "log.format", place: .process,
            summary: "how events are written: words, or one JSON object a line"),
        of: ["plain", "json"], default: "plain")

    public static let metricsFile = SettingKey<String?>.optional(
        .init(
            name: "metrics.file", place: .process,
            summary: "a file for metrics as Prometheus reads them, written whole after each command that writes, every "
                + "minute by `serve` and every 15 seconds by `sync --watch`"), .path)

    public static let atlassianAPI = SettingKey<String>.text(
        .init(
            name: "atlassian.api-url", place: .process,
            summary: "Atlassian's API gateway, for scoped tokens and service accounts"), .address,
        default: "https://api.atlassian.com")

    public static let atlassianAuth = SettingKey<String>.text(
        .init(
            name: "atlassian.auth-url", place: .process,
            summary: "where people allow OAuth apps to read Jira for them, and apps get their tokens"), .address,
        default: "https://auth.atlassian.com")

    public static let secretKey = SettingKey<String?>.optional(
        .init(
            name: "secret.key", place: .process,
            summary:
                "the key that seals secrets, in place of `secret.key` in the data folder: 64 hexadecimal digits, or "
                + "base64 of 32 bytes"), isSecret: true)

    public static let secretKeyFile = SettingKey<String?>.optional(
        .init(
            name: "secret.key-file", place: .process,
            summary: "a file with that key; without it systemd's credential `drawbridge.key`, where there is one"),
        .path)

    // MARK: The server

    public static let host = SettingKey<String>.text(
        .init(
            name: "server.host", flag: "--host", variable: "HOST", place: .start,
            summary: "the address that `serve` listens on"), default: "127.0.0.1")

    public static let port = SettingKey<Int>.number(
        .init(
            name: "server.port", flag: "--port", variable: "PORT", place: .start,
            summary: "the port that `serve` listens on; 0 takes a free one"), in: 0...65_535, default: 8_080)

    public static let publicURL = SettingKey<String?>.optional(
        .init(
            name: "server.public-url", flag: "--public-url", variable: "PUBLIC_URL", place: .start,
            summary: "where Jira and people reach this server; with it webhooks are set up by themselves"), .address)

    public static let certificate = SettingKey<String?>.optional(
        .init(
            name: "server.certificate", flag: "--certificate", place: .process,
            summary: "a file with a PEM certificate chain: `serve` then speaks HTTPS, and reads it again on SIGHUP"),
        .path)

    public static let certificateKey = SettingKey<String?>.optional(
        .init(
            name: "server.certificate-key", flag: "--certificate-key", place: .process,
            summary: "a file with the certificate's private key"), .path)

    public static let trustedProxies = SettingKey<[String]>.list(
        .init(
            name: "server.trusted-proxies", flag: "--trusted-proxies", place: .start,
            summary:
                "addresses or networks (10.0.0.0/8) of proxies in front, whose X-Forwarded-For and -Proto are believed")
    )

    public static let connections = SettingKey<Int>.number(
        .init(
            name: "server.connections", place: .start,
            summary: "connections that `serve` takes at once, as far as the system allows so many"), in: 16...65_535,
        default: 4_000)

    public static let requestsPerClient = SettingKey<Int>.number(
        .init(
            name: "server.requests-per-client", place: .start,
            summary: "requests and event streams of one address at once; more are answered with 429"), in: 1...65_535,
        default: 256)

    public static let apiOrigins = SettingKey<[String]>.list(
        .init(
            name: "api.origins", place: .start,
            summary: "origins such as https://tools.example.com whose pages may call the API from a browser (CORS)"))

    public static let webhookHosts = SettingKey<[String]>.list(
        .init(
            name: "webhooks.hosts", place: .start,
            summary:
                "hosts with private addresses to which members' webhooks may be sent; others of the kind are refused"))

    // MARK: Backups and upgrades

    public static let backupFolder = SettingKey<String?>.optional(
        .init(
            name: "backup.folder", place: .live,
            summary: "where the server writes backups by itself; best on another disk"), .path)

    public static let backupEvery = SettingKey<Int>.number(
        .init(
            name: "backup.every", place: .live,
            summary: "hours between backups of the server; they are written where `backup.folder` is set"),
        in: 1...8_760, default: 24)

    public static let backupKeep = SettingKey<Int>.number(
        .init(
            name: "backup.keep", place: .live, summary: "how many backups of the server are kept; the oldest go"),
        in: 1...1_000, default: 7)

    public static let upgradeCopy = SettingKey<Bool>.toggle(
        .init(
            name: "upgrade.copy", place: .process,
            summary: "whether the database is copied before a newer program changes its tables"), default: true)
}
