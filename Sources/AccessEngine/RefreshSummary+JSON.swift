public import FastJSON

extension AccessRefreshSummary {
    /// Writes the object that `drawbridge access refresh --json` prints.
    public func write(to writer: inout JSONWriter, source: String) {
        writer.object { writer in
            writer.member("source", source)
            writer.member("requests", requests)
            writer.member("read", read)
            writer.member("failed", failed)
            writer.member("changed", changed)
            writer.member("rewritten", rewritten)
            for (name, keys) in [("hidden", hidden), ("restored", restored)] {
                writer.key(name)
                writer.array { writer in
                    for key in keys { writer.string(key) }
                }
            }
            writer.member("exceedsBudget", exceedsBudget)
            writer.key("listings")
            writer.object { writer in
                writer.member("read", listings.read)
                writer.member("postponed", listings.postponed)
                writer.member("removed", listings.removed)
                writer.member("refused", listings.problems.count(where: \.isRefused))
            }
            writer.key("warnings")
            writer.array { writer in
                for warning in warnings {
                    writer.object { writer in
                        writer.member("code", warning.code.rawValue)
                        writer.member("message", warning.message)
                    }
                }
            }
        }
    }
}
