/** Why something did not come about; nothing where there is nothing to say. */
export function Problem({ message }: { readonly message: string | null | undefined }) {
  if (!message) return null;
  return (
    <p role="alert" className="problem">
      {message}
    </p>
  );
}
