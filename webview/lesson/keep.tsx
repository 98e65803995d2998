// The form to keep the adapter under a name and at a scale, or to discard it. After that, the scale of the kept adapter.
import { Button, type StageProps } from "./parts";

export function Keep(props: StageProps) {
  const { view, choices, act, choose } = props;
  const { outcome, waiting } = view;
  if (outcome === "discarded")
    return <p class="settled">It was discarded. Completions come from the model as it was.</p>;

  const scale = (
    <label class="scale">
      <span>Scale</span>
      <input
        type="range"
        min="0"
        max="1.5"
        step="0.05"
        value={choices.scale}
        disabled={waiting}
        onInput={(event) => choose({ scale: event.currentTarget.valueAsNumber })}
        onChange={(event) => outcome && act({ action: "scale", scale: event.currentTarget.valueAsNumber })}
      />
      <output class="number">{choices.scale.toFixed(2)}</output>
    </label>
  );
  if (outcome)
    return (
      <div class="actions">
        <p class="settled">
          {outcome.path === undefined
            ? `“${outcome.kept}” was deleted.`
            : `“${outcome.kept}” is kept${outcome.scale > 0 ? " and in use in this workspace." : ", and not in use."}`}
        </p>
        {outcome.path && scale}
        <Button {...props} action="adapters">
          Adapters…
        </Button>
        {outcome.path && <p class="hint">{scaleMeaning}</p>}
      </div>
    );
  return (
    <form
      class="actions"
      onSubmit={(event) => {
        event.preventDefault();
        act({ action: "keep", name: choices.name.trim(), scale: choices.scale });
      }}
    >
      <label class="name">
        <span>Name</span>
        <input
          type="text"
          required
          pattern=".*\S.*"
          value={choices.name}
          onInput={(event) => choose({ name: event.currentTarget.value })}
        />
      </label>
      {scale}
      <button type="submit" class="primary" disabled={waiting}>
        Keep
      </button>
      <Button {...props} action="discard">
        Discard
      </Button>
      <p class="hint">{scaleMeaning}</p>
    </form>
  );
}

const scaleMeaning = "Scale: 1 is as trained, 0.5 half as strong, 0 off. It can be changed later.";
