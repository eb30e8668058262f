import FastJSON

/// What a smart link says about its target when it has no address of its own (`attrs.data`, `attrs.datasource`).
struct CardData {
    private let value: JSONValue?

    init(json: [UInt8]) {
        value = try? JSONValue(parsing: json)
    }

    /// The target's address (JSON-LD `url` or `@id`).
    var url: String? { value?["url"]?.string ?? value?["@id"]?.string }

    /// The target's title.
    var name: String? { value?["name"]?.string }

    var label: String { name ?? url ?? "[card]" }

    /// The query of a list of issues: its JQL, or the filter it shows.
    var query: String {
        let parameters = value?["parameters"]
        return parameters?["jql"]?.string ?? parameters?["filter"]?.string ?? value?["id"]?.string ?? ""
    }
}
