import SimulatedSite

/// The simulated site's own type, in files that import both.
typealias SiteHolder = Holder
