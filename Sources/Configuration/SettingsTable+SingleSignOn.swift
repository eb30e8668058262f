extension SettingsTable {
    public static let ssoIssuer = SettingKey<String?>.optional(
        .init(
            name: "sso.issuer", place: .start,
            summary: "the sign-in provider's own spelling of its name; with it people sign in there"))

    public static let ssoClientID = SettingKey<String?>.optional(
        .init(name: "sso.client-id", place: .start, summary: "what the provider calls this server"))

    public static let ssoClientSecret = SettingKey<String?>.optional(
        .init(
            name: "sso.client-secret", place: .process,
            summary: "what proves this server to the provider; left out for a client that has none"), isSecret: true)

    public static let ssoGroups = SettingKey<String?>.optional(
        .init(name: "sso.groups", place: .start, summary: "the claim that lists a person's groups"))

    public static let ssoRoles = SettingKey<String?>.optional(
        .init(
            name: "sso.roles", place: .start,
            summary: "`group=role` with commas between: the weightiest counts at each sign-in, and only who is in one "
                + "of the groups comes in"))

    public static let ssoAdmit = SettingKey<Bool>.toggle(
        .init(
            name: "sso.admit", place: .start,
            summary: "whether somebody whom nobody added becomes a member by signing in at the provider"),
        default: false)

    public static let ssoDomains = SettingKey<[String]>.list(
        .init(name: "sso.domains", place: .start, summary: "of which domains their addresses must then be"))
}
