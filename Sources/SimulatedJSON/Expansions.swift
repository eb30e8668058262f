/// The `expand` parameter: names separated by commas.
package struct Expansions {
    private let names: Set<String>

    package init(_ text: String) {
        names = Set(text.split(separator: ",").map { $0.filter { $0 != " " } })
    }

    package func has(_ name: String) -> Bool { names.contains(name) }
    package var isEmpty: Bool { names.isEmpty }
}
