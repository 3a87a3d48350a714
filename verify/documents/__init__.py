"""Reading what people hold in their hands: QR texts, pictures, docx files. Imports no issuing room and no index."""
