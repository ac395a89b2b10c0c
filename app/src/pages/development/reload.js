(async () => {
	const started = async () => (await fetch("/dev/started")).text();
	const first = await started();
	setInterval(async () => {
		try {
			if ((await started()) !== first) location.reload();
		} catch {
			// The server is being built again.
		}
	}, 700);
})();
