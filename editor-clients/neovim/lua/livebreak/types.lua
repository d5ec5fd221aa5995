---@meta
-- The shapes of what the language server says, as ARCHITECTURE.md has them. Lines are 0-based; absent fields are nil.

---@class livebreak.Mark one of the user's own breakpoints
---@field id string our own id of it, stable while it lives
---@field extmark integer? it moves with the text
---@field line integer 0-based, where it was last seen
---@field text string? what stands there, if it stands nowhere else in the buffer
---@field enabled boolean
---@field condition string?
---@field log_message string?
---@field is_known boolean? true once the server has named it

---@class livebreak.State everybody's breakpoints, as the server shows them
---@field id string the backend's id of the breakpoint
---@field line integer
---@field state string
---@field message string a sentence
---@field trouble string? what is wrong although it is bound
---@field brief string? the state in a few words
---@field editorId string? the id of the mark, if it is one of this user's editor
---@field mine boolean
---@field followed boolean
---@field owner string?
---@field condition string?
---@field logMessage string?
---@field enabled boolean
---@field bound integer
---@field processes integer
---@field hits integer
---@field runs string? what the line is where it runs, if it is something else

---@class livebreak.Hits
---@field uri string
---@field line integer
---@field breakpointId string
---@field count integer
---@field summary string
---@field newest { id: string, timestamp: string }

---@class livebreak.Status
---@field connection 'off'|'connecting'|'connected'|'offline'|'refused'
---@field message string
---@field host string?
---@field project string?
---@field owner string?
---@field queued integer
---@field processes integer
---@field pauses { by: string, service: string?, reason: string? }[]

---@class livebreak.Frame
---@field function string
---@field filename string
---@field line integer
---@field text string?
---@field uri string? only where the file is in the workspace

---@class livebreak.Hit
---@field id string
---@field breakpointId string
---@field timestamp string
---@field frames livebreak.Frame[]
---@field watches livebreak.Watch[]
---@field message string?
---@field process string?

---@class livebreak.Watch
---@field name string
---@field type string
---@field text string
---@field note string?

---@class livebreak.Variable a captured value, a level of a tree
---@field name string
---@field type string
---@field text string
---@field note string? why it is cut, and its true size
---@field path string[]
---@field children integer how many there are below it
---@field expression string? it, in the language of conditions
---@field equals string? a condition that is true for this value only

---@class livebreak.Variables
---@field variables livebreak.Variable[]
---@field total integer
---@field note string? why there is nothing, or not everything

---@class livebreak.HitRow
---@field id string
---@field breakpointId string
---@field timestamp string
---@field summary string
---@field process string?
---@field message string?

---@class livebreak.HitList
---@field hits livebreak.HitRow[] newest first
---@field hasOlder boolean
---@field hasNewer boolean
---@field complete boolean false if not all hits were looked at
---@field note string?

---@class livebreak.Comparison
---@field newer string
---@field older string?
---@field rows { expression: string, before: string?, after: string?, kind: 'added'|'removed'|'changed' }[]
---@field unchanged integer
---@field note string?

---@class livebreak.Target
---@field host string
---@field name string? of the connection, where it is a stored one
---@field project integer?
---@field isDefault boolean
---@field isProduction boolean
---@field hasKey boolean

---@class livebreak.OverviewRow
---@field uri string? only where the file is in the workspace
---@field repository string?
---@field filename string
---@field breakpoint livebreak.State
---@field newest { id: string, timestamp: string }?

---@class livebreak.Buffer what is known of one buffer
---@field marks table<string, livebreak.Mark> by our id
---@field removed table<string, true> ids of ours that are gone: an answer on its way must not bring them back
---@field states livebreak.State[]
---@field is_fresh boolean true while the lines of `states` are those of the text as it is
---@field hits table<string, livebreak.Hits> by breakpoint
---@field had_none table<string, boolean> breakpoints that were seen without any hit
---@field hit_at table<string, integer> when the last hit of a breakpoint came, in milliseconds of `vim.uv.now`
---@field others table<string, integer> extmarks of breakpoints that are no marks of ours, by breakpoint
---@field stated table<string, true>? ids of the marks in the last list that was sent
---@field is_settled boolean? true once the server has told of the breakpoints that were there
---@field in_flight integer lists that were sent and not answered

---@class livebreak.Place what a command is about
---@field buffer integer
---@field first integer 0-based line
---@field last integer

---@class livebreak.Call one use of `:LiveBreak`
---@field rest string what stands behind the subcommand
---@field is_forced boolean with a `!`
---@field has_range boolean
---@field count integer
---@field place livebreak.Place
---@field origin { window: integer, buffer: integer, line: integer }

---@class livebreak.Command
---@field run fun(call: livebreak.Call)
---@field about string for the help and for errors
---@field takes string? what may stand behind it; without it nothing may
---@field complete (fun(lead: string): string[])?
---@field is_forcible boolean? true if `!` means something
---@field arms boolean? true if the server may ask about production because of it, which a `!` answers
---@field is_about_lines boolean? true if it needs to know which breakpoints the buffer has
