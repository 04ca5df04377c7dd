"""Inspections in numbers, as only a test makes them."""

# Inspections as the screens make them, without the screens: begun, answered, kept and submitted by the same modules.
MANY = """async ([lot, count]) => {
  const { begin, package_, save } = await import('/floor/static/draft.js');
  const { submit } = await import('/floor/static/outbox.js');
  const { state } = await import('/floor/static/device.js');
  const kept = await package_('THREE', 1);
  const person = { badge: 'INES', name: 'Ines', language: 'en' };
  const made = [];
  for (let n = 0; n < count; n++) {
    const draft = await begin({ lot, unit: null, units: 1, procedure: 'THREE', version: 1, person, line: state.line });
    const at = new Date().toISOString();
    for (const check of kept.document.checks) draft.answers[check.id] = { value: 'ok', shown_at: at, at };
    await save(draft);
    made.push((await submit(kept, draft, { pin: '739150' })).uuid);
  }
  return made;
}"""
