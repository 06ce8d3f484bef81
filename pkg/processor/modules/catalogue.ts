import { Fault } from "#pkg/fault";
import type {
  ProcessorCatalogue,
  ProcessorDefinition,
  ProcessorFields,
  SettingsDeparture,
} from "#pkg/script";
import { isFieldType, type FieldType } from "#pkg/value";
import { loadModule, moduleFault, type LoadedModule } from "./load-module.ts";
import type { ModulePaths } from "./module-paths.ts";

/** What scripts may know of the modules; runs their code. Throws PROCESSOR_MODULE. */
export async function moduleCatalogue(paths: ModulePaths): Promise<ProcessorCatalogue> {
  const catalogue = new Map<string, ProcessorDefinition>();
  for (const [name, path] of Object.entries(paths))
    catalogue.set(name, await definitionOf(await loadModule(name, path)));
  return catalogue;
}

async function definitionOf(loaded: LoadedModule): Promise<ProcessorDefinition> {
  const { name, sha256 } = loaded;
  const check = await settingsCheck(loaded);
  return { name, sha256, check, describe: (settings) => fieldsOf(loaded, settings) };
}

/** The schema compiler is loaded only where there is a module. */
async function settingsCheck(loaded: LoadedModule): Promise<ProcessorDefinition["check"]> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: false,
    logger: false,
  });
  const validate = guarded(loaded, "its settings are no JSON Schema", () =>
    ajv.compile(loaded.module.settings),
  );
  return (settings) => {
    if (validate(settings)) return [];
    const errors = validate.errors ?? [];
    return errors.flatMap(({ keyword, instancePath, message = keyword, params }) =>
      // `if` only says that another error is one.
      keyword === "if" ? [] : [{ pointer: instancePath, message: message + detailOf(params) }],
    );
  };
}

function detailOf(params: Readonly<Record<string, unknown>>): SettingsDeparture["message"] {
  const { additionalProperty, allowedValues } = params;
  if (typeof additionalProperty === "string") return `: ${additionalProperty}`;
  return Array.isArray(allowedValues) ? `: ${JSON.stringify(allowedValues)}` : "";
}

function fieldsOf(loaded: LoadedModule, settings: unknown): ProcessorFields {
  const { module } = loaded;
  const source: unknown = guarded(loaded, "sourceFields fails", () =>
    module.sourceFields(settings),
  );
  const outputs: unknown = guarded(loaded, "outputs fails", () => module.outputs(settings));
  if (!Array.isArray(source) || !source.every((field) => typeof field === "string"))
    throw moduleFault(loaded, "sourceFields must return a list of names");
  if (typeof outputs !== "object" || outputs === null)
    throw moduleFault(loaded, "outputs must return an object of types by name");
  const types = Object.entries(outputs).map(([field, type]): [string, FieldType] => {
    if (!/^[A-Za-z_]\w*$/.test(field))
      throw moduleFault(loaded, `"${field}" cannot be the name of an output`);
    if (typeof type !== "string" || !isFieldType(type))
      throw moduleFault(loaded, `the output ${field} has no type that there is: ${String(type)}`);
    return [field, type];
  });
  if (types.length === 0) throw moduleFault(loaded, "it has no outputs");
  return { sourceFields: [...new Set(source as readonly string[])], outputs: new Map(types) };
}

/** Runs code of the module while a script is read. */
function guarded<T>(loaded: LoadedModule, what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw moduleFault(loaded, `${what}: ${message}`, error);
  }
}
