internal import FastJSON
internal import SiteConnection
internal import WebFrame

/// Schemas that several operations have in common.
enum Schemas {
    static let key = Schema.text(1...80)
    static let sourceName = Schema.text(1...80).example("work")

    static let check = Schema.object([
        .required("code", .text().saying("stable, as auth_invalid")),
        .required("outcome", .choice(["ok", "warn", "fail"])), .required("what", .text()), .required("why", .text()),
        .required("fix", .text()),
        .required("diagnosis", .choice(of: Diagnosis.self).orNull.saying("why it is not as it should be, in one word")),
    ]).named("Check")

    static let findings = Schema.object([
        .required("usable", .boolean), .required("product", .text().orNull), .required("url", .text().orNull),
        .required("version", .text().orNull), .required("checks", .list(of: check)),
    ]).named("Findings")

    static let source = Schema.object([
        .required("name", .text()), .required("url", .text()), .required("product", .text()),
        .required("version", .text().orNull), .required("accessMode", .text()), .required("state", .text()),
        .required("account", .text().orNull), .required("projects", .list(of: .text())),
        .required("jql", .text(0...65_536).orNull),
        .required(
            "problem",
            .object([.required("code", .text()), .required("message", .text()), .required("at", .time)]).orNull),
    ]).named("Source")

    static let credential = Schema.input([
        .required("kind", .choice(["api_token", "personal_access_token", "password", "oauth", "anonymous"])),
        .optional("email", .text(1...254).saying("of the account, with api_token")),
        .optional("username", .text(1...254).saying("with password")),
        .optional("secret", .text(1...8_192).saying("the token or password; never shown again")),
        .optional("grant", .integer().saying("with oauth: as the callback told it")),
        .optional("site", .text(1...64).saying("with oauth: the site's id, as the callback told it")),
        .optional("expires", .time.saying("when it ends, where that is known: people are warned before")),
    ]).named("Credential")

    static let freshness = Schema.object([
        .required("state", .choice(["live", "polling", "behind", "partial", "stopped"])),
        .required("lagSeconds", .integer()), .required("lastDelta", .time.orNull),
        .required("lastCensus", .time.orNull), .required("nextRun", .time.orNull), .optional("cause", .text()),
    ]).named("Freshness")

    static let accepted = Schema.object([.required("id", .text()), .required("state", .text())]).named("Accepted")

    static let sourcePath = Parameter.path("source", "the source's name", sourceName)
    static let onlySource = Parameter.query("source", sourceName, "only in this source")

    static func list(_ name: String, of element: Schema) -> Schema {
        .object([.required(name, .list(of: element))])
    }
}
