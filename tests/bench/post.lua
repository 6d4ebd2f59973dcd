-- wrk: POST one 1 kB event again and again.  The token comes from EWA_TOKEN.
-- Prints one line of JSON at the end.
local filler = string.rep("x", 850)
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Platform-Token"] = os.getenv("EWA_TOKEN")
wrk.body = '{"status":"firing","alerts":[{"labels":{"alertname":"DiskFull",'
	.. '"instance":"db-1:9100"},"annotations":{"summary":"' .. filler .. '"}}]}'

function setup(thread)
	threads = threads or {}
	table.insert(threads, thread)
end

function init()
	accepted, other = 0, 0
end

function response(status)
	if status == 202 then
		accepted = accepted + 1
	else
		other = other + 1
	end
end

function done(summary, latency)
	local ok, bad = 0, 0
	for _, t in ipairs(threads) do
		ok = ok + t:get("accepted")
		bad = bad + t:get("other")
	end
	io.write(string.format('{"accepted":%d,"other":%d,"seconds":%.3f,'
		.. '"p50Ms":%.3f,"p99Ms":%.3f,"errors":%d}\n', ok, bad,
		summary.duration / 1e6, latency:percentile(50) / 1000,
		latency:percentile(99) / 1000, summary.errors.connect
		+ summary.errors.read + summary.errors.write + summary.errors.timeout))
end
